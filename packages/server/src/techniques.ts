import type { labelerRoutes } from '@labelwright/contract/labelers';
import type { ReplyOf } from '@labelwright/contract/route';
import { aggregators } from '@labelwright/core/aggregators/index';
import { askedLabelers } from '@labelwright/core/labelers/index';
import { labelers } from '@labelwright/engine/labelers';
import { z } from 'zod';

export type Techniques = ReplyOf<(typeof labelerRoutes)['listTechniques']>;

let made: Techniques | undefined;

/** What labelers can be made of. Options as JSON schema: forms are drawn from it; what it cannot say is said when they are checked. */
export function allTechniques(): Techniques {
  made ??= {
    labelers: labelers.map(({ name, title, summary, paper, learn, options }) => ({
      name,
      title,
      summary,
      paper: paper ?? null,
      learns: learn !== undefined,
      options: z.toJSONSchema(options, { io: 'input', unrepresentable: 'any' }),
    })),
    asked: askedLabelers.map(({ name, title, summary, paper, options }) => ({
      name,
      title,
      summary,
      paper: paper ?? null,
      options: z.toJSONSchema(options, { io: 'input', unrepresentable: 'any' }),
    })),
    aggregators: aggregators.map(({ name, title, summary, paper }) => ({ name, title, summary, paper: paper ?? null })),
  };
  return made;
}
