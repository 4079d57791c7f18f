import { meanOf } from '../math/statistics.ts';
import { CoreError } from '../model/errors.ts';
import type { LlmPrices, LlmRequest, LlmUsage } from './llm-exchange.ts';
import { estimateTokens, tokenError } from './llm-tokens.ts';

export interface ForeseenRequest {
  readonly request: LlmRequest;
  /** Of one reply: `expectedOutputTokens` of llm-prompt. */
  readonly outputTokens: number;
}

export interface CostInput {
  /** A uniform sample of the requests of the run. */
  readonly sample: readonly ForeseenRequest[];
  /** How many the run has. */
  readonly requests: number;
  readonly prices: LlmPrices;
  /** The provider's batch API at half price. */
  readonly batchApi?: boolean;
  /** Requests of this labeler whose usage is known: they correct the count of tokens. */
  readonly observed?: readonly (ForeseenRequest & { readonly usage: LlmUsage })[];
}

export interface CostEstimate {
  readonly requests: number;
  /** Tokens of the whole run. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly usd: number;
  /** From the sample's spread and what token counts may be off; `low` also counts on the provider's cache for the instructions. */
  readonly lowUsd: number;
  readonly highUsd: number;
  /** Every reply as long as allowed: what a budget must cover to be safe. */
  readonly maximumUsd: number;
  /** Whether real usage went into it. */
  readonly measured: boolean;
}

export function costOf(usage: LlmUsage, prices: LlmPrices, batchApi = false): number {
  const fresh = usage.input - usage.cachedInput;
  const usd = (fresh * prices.inputUsd + usage.cachedInput * prices.cachedInputUsd + usage.output * prices.outputUsd) / 1e6;
  return batchApi ? usd / 2 : usd;
}

/** What a run will cost, before it runs. Input is counted once per wanted sample: some providers bill it once for all.
 *  Unseen thinking is billed as output and cannot be foreseen: of such models ask a few items first and give their usage as `observed`.
 *  @throws CoreError 'bad-estimate' without a sample */
export function estimateCost({ sample, requests, prices, batchApi = false, observed = [] }: CostInput): CostEstimate {
  if (sample.length === 0) throw new CoreError('bad-estimate', 'cost: there must be at least one request to count');
  const factor = batchApi ? 0.5 : 1;
  const input = spread(sample.map(inputTokens));
  const output = spread(sample.map(allOutputTokens));
  const seenInput = ratio(observed.map((one) => one.usage.input / inputTokens(one)));
  const seenOutput = ratio(observed.map((one) => one.usage.output / allOutputTokens(one)));
  const textError = Math.max(...sample.map(({ request }) => tokenError(textsOf(request))));
  const inputEach = input.mean * seenInput.mean;
  const outputEach = output.mean * seenOutput.mean;
  const inputOff = Math.hypot(input.off, seenInput.off ?? textError);
  const outputOff = Math.hypot(output.off, seenOutput.off ?? 0.5);
  const usdOf = (fresh: number, cached: number, out: number): number =>
    factor * requests * costOf({ input: fresh + cached, cachedInput: cached, output: out }, prices);
  const repeated = meanOf(sample.map(repeatedTokens)).mean * seenInput.mean;
  const cached = Math.min(repeated, inputEach);
  const usd = usdOf(inputEach, 0, outputEach);
  const reach = Math.hypot(usdOf(inputEach, 0, 0) * inputOff, usdOf(0, 0, outputEach) * outputOff);
  const most = meanOf(sample.map(({ request }) => request.samples * request.maxOutputTokens)).mean;
  return {
    requests,
    inputTokens: Math.round(requests * inputEach),
    outputTokens: Math.round(requests * outputEach),
    usd,
    lowUsd: Math.max(0, usdOf(inputEach - cached, cached, outputEach) - reach),
    highUsd: usd + reach,
    maximumUsd: Math.max(usd + reach, usdOf(inputEach * (1 + inputOff), 0, most)),
    measured: observed.length > 0,
  };
}

/** Mean, and how far twice its standard error is as a share of it. */
function spread(values: readonly number[]): { mean: number; off: number } {
  const { mean, standardError } = meanOf(values);
  return { mean, off: mean > 0 ? (2 * standardError) / mean : 0 };
}

/** Real over estimated; nothing observed is 1, of unknown error. One or two observations leave a tenth of doubt at least. */
function ratio(values: readonly number[]): { mean: number; off: number | undefined } {
  const known = values.filter((value) => Number.isFinite(value) && value > 0);
  if (known.length === 0) return { mean: 1, off: undefined };
  const { mean, off } = spread(known);
  return { mean, off: Math.max(off, known.length < 3 ? 0.1 : 0.02) };
}

/** Of the size that pictures are scaled to by most providers; the spread between them is wide. */
const tokensPerImage = 800;
/** Roles and separators. */
const tokensPerMessage = 6;

function inputTokens({ request }: ForeseenRequest): number {
  const images = request.messages.flatMap(({ content }) => content).filter(({ type }) => type === 'image').length;
  const frame = tokensPerMessage * (request.messages.length + 1);
  return request.samples * (estimateTokens(textsOf(request)) + images * tokensPerImage + frame);
}

function textsOf({ system, messages, outputSchema }: LlmRequest): string {
  const texts = messages.flatMap(({ content }) => content.map((piece) => (piece.type === 'text' ? piece.text : '')));
  return [system, ...texts, JSON.stringify(outputSchema.schema)].join('\n');
}

/** Providers cache the start of prompts from 1,024 tokens on. */
function repeatedTokens({ request: { system, outputSchema, samples } }: ForeseenRequest): number {
  const tokens = estimateTokens(`${system}\n${JSON.stringify(outputSchema.schema)}`);
  return tokens >= 1024 ? samples * tokens : 0;
}

function allOutputTokens({ request, outputTokens }: ForeseenRequest): number {
  return request.samples * outputTokens;
}
