import { CoreError } from '@labelwright/core/model/errors';

/** What can go wrong with a call, and what follows from it. `retry`: the same call may succeed later. `billed`: whether it may have cost
 *  something. `ends`: whom it concerns, the call alone or the whole run (the next item would fare no better). */
export const llmFaults = {
  auth: { retry: false, billed: 'no', ends: 'run' },
  'no-credit': { retry: false, billed: 'no', ends: 'run' },
  'no-model': { retry: false, billed: 'no', ends: 'run' },
  'refused-address': { retry: false, billed: 'no', ends: 'run' },
  'rate-limited': { retry: true, billed: 'no', ends: 'call' },
  overloaded: { retry: true, billed: 'no', ends: 'call' },
  network: { retry: true, billed: 'no', ends: 'call' },
  'cut-off': { retry: true, billed: 'maybe', ends: 'call' },
  timeout: { retry: true, billed: 'maybe', ends: 'call' },
  'bad-response': { retry: true, billed: 'maybe', ends: 'call' },
  'bad-request': { retry: false, billed: 'no', ends: 'call' },
  'context-too-long': { retry: false, billed: 'no', ends: 'call' },
  cancelled: { retry: false, billed: 'maybe', ends: 'run' },
} as const satisfies Readonly<Record<string, { retry: boolean; billed: 'no' | 'maybe'; ends: 'call' | 'run' }>>;

export type LlmFault = keyof typeof llmFaults;

/** Its message is fit for users and logs: no key, no body of a foreign server, one line. */
export class LlmError extends CoreError {
  readonly fault: LlmFault;
  /** At least so long the provider wants to be left alone. */
  readonly retryAfterMs: number | undefined;

  constructor(fault: LlmFault, message: string, retryAfterMs?: number) {
    super(`llm-${fault}`, message, retryAfterMs === undefined ? {} : { retryAfterMs });
    this.name = 'LlmError';
    this.fault = fault;
    this.retryAfterMs = retryAfterMs;
  }
}
