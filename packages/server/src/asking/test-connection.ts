import { randomUUID } from 'node:crypto';
import { costOf } from '@labelwright/core/labelers/llm-cost';
import type { LlmPrices } from '@labelwright/core/labelers/llm-exchange';
import { CoreError } from '@labelwright/core/model/errors';
import type { LabelerId } from '@labelwright/core/model/ids';
import type { Context } from '../context.ts';
import type { ConnectionRow } from '../stores/connections.ts';
import { StoredLedger } from '../stores/llm-ledger.ts';
import { inWords, openProviderOf, pricesAt } from './plan.ts';

/** Of a model that no table knows: dearer than any. */
const unknownPrices: LlmPrices = { inputUsd: 30, cachedInputUsd: 30, outputUsd: 180 };
/** More than the question of a test and its answer can take. */
const most = { input: 2_000, cachedInput: 0, output: 2_000 };
const testMs = 30_000;

export interface Tested {
  readonly ok: boolean;
  readonly message: string;
  readonly milliseconds: number;
  readonly usd: number;
}

/** One short question, on the account of trials. What goes wrong is the result of a test, not a fault. */
export async function testConnection(context: Context, project: number, connection: ConnectionRow, model: string): Promise<Tested> {
  const started = performance.now();
  const since = () => Math.round(performance.now() - started);
  try {
    const prices = pricesOrMost(connection, model);
    const provider = await openProviderOf(context, connection, model);
    try {
      const ledger = new StoredLedger(context.db, { project, labeler: 0 });
      const id = randomUUID();
      const highest = costOf(most, prices);
      const reserved = await ledger.reserve({ id, labeler: '0' as LabelerId, usd: highest });
      if (reserved.kind !== 'reserved')
        return { ok: false, message: 'The budget of the project has no room for a test', milliseconds: since(), usd: 0 };
      const tested = await provider.testConnection(AbortSignal.timeout(testMs));
      const usage = tested.ok ? tested.usage : undefined;
      const isFree = !tested.ok && ['auth', 'no-credit', 'no-model', 'refused-address', 'rate-limited', 'network'].includes(tested.fault);
      const usd = usage ? costOf(usage, prices) : isFree ? 0 : highest;
      await ledger.settle(id, { usd, ...(usage && { usage }), answers: [] });
      if (!tested.ok) return { ok: false, message: inWords(tested.message), milliseconds: since(), usd };
      const message = `'${model}' answers${tested.logProbabilities ? ', and tells how probable its words are' : ''}`;
      return { ok: true, message, milliseconds: tested.milliseconds, usd };
    } finally {
      provider.close();
    }
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    return { ok: false, message: inWords(error.message), milliseconds: since(), usd: 0 };
  }
}

function pricesOrMost(connection: ConnectionRow, model: string): LlmPrices {
  try {
    return pricesAt(connection, model);
  } catch (error) {
    if (error instanceof CoreError && error.code === 'no-prices') return unknownPrices;
    throw error;
  }
}
