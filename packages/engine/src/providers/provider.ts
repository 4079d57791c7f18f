import type { LlmReply, LlmRequest, LlmUsage } from '@labelwright/core/labelers/llm-exchange';
import type { LlmFault } from './llm-error.ts';

export const providerKinds = ['openai', 'anthropic', 'google', 'openai-compatible'] as const;
export type ProviderKind = (typeof providerKinds)[number];

/** Where language models are asked, and by which key. */
export interface LlmConnection {
  readonly provider: ProviderKind;
  /** Of `openai-compatible` always; of the others to replace their own. */
  readonly baseUrl?: string;
  /** Local servers may need none. Never logged, never part of an error. */
  readonly key?: string;
  /** The server may be on this machine or in its network. */
  readonly allowPrivate?: boolean;
  /** Of one call. Default 60. */
  readonly timeoutSeconds?: number;
}

/** One model behind one connection, whatever its wire. */
export interface LlmProvider {
  /** One call per sample, one after another, each sent once: trying again is the caller's, who knows the budget.
   *  @returns at least one reply: samples that failed after others came are left out  @throws LlmError where none came */
  readonly complete: (request: LlmRequest, signal?: AbortSignal) => Promise<LlmCompletion>;
  /** Asks a question of a few tokens. */
  readonly testConnection: (signal?: AbortSignal) => Promise<ConnectionTest>;
  /** Ends idle connections. */
  readonly close: () => void;
}

export interface LlmCompletion {
  readonly replies: readonly LlmReply[];
  /** Of all samples; absent where that of one is not known (not said, or it broke off): its highest price must be assumed. */
  readonly usage?: LlmUsage;
  /** The provider's id of the last call, for questions to its support. */
  readonly requestId?: string;
}

export type ConnectionTest =
  | { readonly ok: true; readonly milliseconds: number; readonly logProbabilities: boolean; readonly usage?: LlmUsage }
  | { readonly ok: false; readonly fault: LlmFault; readonly message: string };
