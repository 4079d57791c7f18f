import type { LlmRequest } from '@labelwright/core/labelers/llm-exchange';
import type { LlmError } from './llm-error.ts';
import type { LlmCompletion } from './provider.ts';

/** Requests that are handed in together, answered within a day and cost half: what some providers call a batch. */
export interface LlmBatches {
  /** @param requests at most `requestsPerBatch`, ids unique in it  @param tag ours: `find` finds the batch by it
   *  @returns the provider's id of the batch  @throws LlmError */
  readonly submit: (requests: readonly BatchRequest[], tag: string, signal?: AbortSignal) => Promise<string>;
  /** For one who died after `submit` and before the id was written down. Undefined: it was never handed in. */
  readonly find: (tag: string, signal?: AbortSignal) => Promise<string | undefined>;
  readonly state: (batch: string, signal?: AbortSignal) => Promise<BatchState>;
  /** Of a batch that ended; in any order. Requests without a result were not answered and cost nothing. */
  readonly results: (batch: string, signal?: AbortSignal) => Promise<readonly BatchResult[]>;
  /** What was answered until then is still to be had, and to be paid. */
  readonly cancel: (batch: string, signal?: AbortSignal) => Promise<void>;
}

/** Keeps results far below what the door lets in. */
export const requestsPerBatch = 2_000;

export interface BatchRequest {
  readonly id: string;
  /** One sample each. */
  readonly request: LlmRequest;
}

export type BatchState =
  | { readonly kind: 'running'; readonly done: number; readonly total: number }
  /** Whole, or as far as it came before its time was over or it was cancelled. */
  | { readonly kind: 'ended' }
  /** Refused as a whole: nothing was answered. */
  | { readonly kind: 'failed'; readonly message: string };

export type BatchResult = { readonly id: string } & ({ readonly completion: LlmCompletion } | { readonly error: LlmError });
