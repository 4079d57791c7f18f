import type { Json } from '../model/json.ts';

/** What core asks of a language model. Core writes it (pure), engine carries it over any provider's wire. */
export type LlmRequest = {
  /** What to do: never holds text of an item. */
  readonly system: string;
  readonly messages: readonly LlmMessage[];
  /** The reply must be JSON that fits this JSON Schema (draft 2020-12, the subset all providers take: every object closed, every key required). */
  readonly outputSchema: { readonly name: string; readonly schema: Json };
  /** 0..2; absent: the provider's own. */
  readonly temperature?: number;
  /** Independent replies wanted, at least 1. */
  readonly samples: number;
  readonly maxOutputTokens: number;
  /** Log probabilities of the output tokens are wanted, where the provider gives them. */
  readonly logProbabilities: boolean;
};

export type LlmMessage = { readonly role: 'user' | 'assistant'; readonly content: readonly LlmContent[] };

export type LlmContent =
  | { readonly type: 'text'; readonly text: string }
  /** `data` is base64. */
  | { readonly type: 'image'; readonly mediaType: string; readonly data: string };

/** One of the `samples` replies. */
export type LlmReply = {
  readonly text: string;
  readonly finish: 'stop' | 'length' | 'refused' | 'other';
  /** Tokens of `text` with natural log probabilities, in order; absent where the provider gave none. */
  readonly tokens?: readonly LlmToken[];
};

export type LlmToken = {
  readonly token: string;
  readonly logProbability: number;
  readonly alternatives?: readonly { readonly token: string; readonly logProbability: number }[];
};

/** Tokens as billed: `cachedInput` is a part of `input`. */
export type LlmUsage = { readonly input: number; readonly cachedInput: number; readonly output: number };

/** USD per million tokens. */
export type LlmPrices = { readonly inputUsd: number; readonly cachedInputUsd: number; readonly outputUsd: number };
