import { createHash } from 'node:crypto';
import { createExamplePicker, type ExamplePicker } from '@labelwright/core/labelers/few-shot';
import type { AnsweredItem } from '@labelwright/core/labelers/labeler';
import type { Context } from '../context.ts';
import { agreedAnswers, peoplesVotes } from '../stores/peoples-votes.ts';
import { itemsAt } from '../stores/run-items.ts';
import type { Plan } from './plan.ts';

/** More make the choice slow and hardly better. */
const mostExamples = 2000;

export interface Examples {
  readonly picker: ExamplePicker;
  readonly count: number;
  /** Changes with what people said. */
  readonly version: string;
}

/** What people agree on, for prompts; undefined where none are wanted. */
export async function examplesFor({ db, pool }: Pick<Context, 'db' | 'pool'>, plan: Plan): Promise<Examples | undefined> {
  const { project, question, options, view } = plan;
  if (options.fewShot === 0) return undefined;
  const agreed = agreedAnswers(await peoplesVotes(db, project.id, question.id, {}));
  const ordinals = [...agreed.keys()].sort((a, b) => a - b).slice(0, mostExamples);
  const answered: AnsweredItem[] = [];
  const hash = createHash('sha256');
  for await (const [ordinal, item] of itemsAt(pool, project.id, view, new Set(ordinals))) {
    const labels = agreed.get(ordinal) ?? [];
    answered.push({ item, labels });
    hash.update(JSON.stringify([ordinal, labels]));
  }
  return { picker: createExamplePicker(answered, question.part), count: answered.length, version: hash.digest('base64url') };
}
