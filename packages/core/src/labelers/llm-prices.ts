import type { LlmPrices } from './llm-exchange.ts';

/** Prices of a model by the start of its name. Data for a first guess: users edit them, providers change them. */
export interface ModelPrices extends LlmPrices {
  readonly model: string;
}

/** When the table was put together, from public lists. Providers' own pages decide. */
export const pricesDate = '2026-11-23';

/** USD per million tokens at the standard rate, for prompts below the long-prompt surcharges (100,000 tokens and more). */
export const listPrices: readonly ModelPrices[] = [
  price('gpt-5', 1.25, 0.125, 10),
  price('gpt-5-mini', 0.25, 0.025, 2),
  price('gpt-5-nano', 0.05, 0.005, 0.4),
  price('gpt-4.1', 2, 0.5, 8),
  price('gpt-4.1-mini', 0.4, 0.1, 1.6),
  price('gpt-4.1-nano', 0.1, 0.025, 0.4),
  price('gpt-4o', 2.5, 1.25, 10),
  price('gpt-4o-mini', 0.15, 0.075, 0.6),
  price('claude-opus-5', 5, 0.5, 25),
  price('claude-opus-4-5', 5, 0.5, 25),
  price('claude-sonnet-5-5', 2, 0.1, 10),
  price('claude-sonnet-5', 2, 0.2, 10),
  price('claude-sonnet-4-5', 3, 0.3, 15),
  price('claude-haiku-5-5', 0.1, 0.01, 0.5),
  price('claude-haiku-4-5', 1, 0.1, 5),
  price('gemini-2.5-pro', 1.25, 0.125, 10),
  price('gemini-2.5-flash', 0.3, 0.03, 2.5),
  price('gemini-2.5-flash-lite', 0.1, 0.01, 0.4),
];

function price(model: string, inputUsd: number, cachedInputUsd: number, outputUsd: number): ModelPrices {
  return { model, inputUsd, cachedInputUsd, outputUsd };
}

/** The price of a model: its own, or that of the same name with a date or `latest` behind. `gpt-5.4` is not `gpt-5`: undefined where the
 *  table does not know it, and then the user has to say. Models served at home cost nothing per token: give them prices of 0. */
export function pricesOf(model: string, table: readonly ModelPrices[] = listPrices): LlmPrices | undefined {
  const name = model.toLowerCase().replace(/^(?:models|openai|anthropic|google)\//, '');
  const plain = name.replace(/[-@](?:\d{8}|\d{4}-\d{2}-\d{2}|latest|\d{3})$/, '');
  const found = table.find((entry) => entry.model === name) ?? table.find((entry) => entry.model === plain);
  return found && { inputUsd: found.inputUsd, cachedInputUsd: found.cachedInputUsd, outputUsd: found.outputUsd };
}
