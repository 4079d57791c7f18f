import { costOf } from '@labelwright/core/labelers/llm-cost';
import type { LlmPrices, LlmRequest } from '@labelwright/core/labelers/llm-exchange';

/** The most that a call can cost: a token of text is at least one byte, so that its bytes are an upper bound for every tokenizer; every reply is as
 *  long as allowed; nothing is cached. Pictures have no such bound: theirs is what the dearest providers count for one of common size.
 *  Some four times the true price, which takes its place when the bill is there. */
export function highestCost({ system, messages, outputSchema, samples, maxOutputTokens }: LlmRequest, prices: LlmPrices): number {
  const pieces = messages.flatMap(({ content }) => content);
  const bytes = pieces.reduce((sum, piece) => sum + (piece.type === 'text' ? Buffer.byteLength(piece.text) : tokensPerPicture), 0);
  const shown = bytes + Buffer.byteLength(system) + Buffer.byteLength(JSON.stringify(outputSchema));
  const input = samples * (shown + frameTokens + messages.length * messageTokens);
  const dearest = { ...prices, inputUsd: Math.max(prices.inputUsd, prices.cachedInputUsd) };
  return costOf({ input, cachedInput: 0, output: samples * maxOutputTokens }, dearest);
}

const tokensPerPicture = 6_000;
/** What providers put around a request to make the model keep to the schema. */
const frameTokens = 600;
const messageTokens = 16;
