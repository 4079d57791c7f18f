import { defaultTemplate } from '@labelwright/core/labelers/llm-template';
import type { Options } from './labeler-draft.ts';

/** What the editor of a language model sets; what it does not show stays as it is. */
export interface PromptOptions {
  readonly connection: string;
  readonly model: string;
  readonly template: string;
  readonly fewShot: number;
  readonly reasoning: boolean;
  readonly abstain: boolean;
  readonly temperature: number | undefined;
  readonly samples: number;
  readonly batchSize: number;
  readonly confidence: string;
  readonly images: boolean;
}

const defaults = { fewShot: 0, reasoning: false, abstain: true, samples: 1, batchSize: 1, confidence: 'auto', images: false } as const;

/** Options as stored, with what they leave out. */
export function promptOptions(options: Options): PromptOptions {
  return { connection: '', model: '', template: defaultTemplate, temperature: undefined, ...defaults, ...options };
}

/** Only what differs from the defaults is kept: it is what a person reads in a project file. */
export function withPrompt(options: Options, change: Partial<PromptOptions>): Options {
  const usual: Options = { ...defaults, template: defaultTemplate };
  const entries = Object.entries({ ...options, ...change });
  return Object.fromEntries(entries.filter(([name, value]) => value !== undefined && value !== usual[name]));
}

export function canAsk(options: Options): boolean {
  const { connection, model } = promptOptions(options);
  return connection !== '' && model.trim() !== '';
}
