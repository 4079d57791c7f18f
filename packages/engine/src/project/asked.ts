import { askedLabelers } from '@labelwright/core/labelers/index';
import type { AnyAskedLabeler } from '@labelwright/core/labelers/labeler';
import type { LlmPrices } from '@labelwright/core/labelers/llm-exchange';
import { pricesOf } from '@labelwright/core/labelers/llm-prices';
import { checkOptions } from '@labelwright/core/model/about';
import { CoreError } from '@labelwright/core/model/errors';
import type { LlmConnection } from '../providers/provider.ts';
import type { ConnectionSpec } from './project.ts';

/** Options that every labeler has which asks a language model. */
export interface AskedOptions {
  readonly connection: string;
  readonly model: string;
  readonly batchSize: number;
}

/** undefined for techniques that compute. */
export function askedTechnique(use: string): AnyAskedLabeler | undefined {
  return askedLabelers.find(({ name }) => name === use);
}

/** @throws CoreError 'bad-options' */
export function askedOptions(technique: AnyAskedLabeler, given: unknown): AskedOptions {
  return checkOptions(technique, given) as AskedOptions;
}

/** What the file says, else the table; what is served at home costs nothing unless the file says so.
 *  @throws CoreError 'no-prices': a budget without prices would hold nothing */
export function pricesAt(name: string, connection: ConnectionSpec, model: string): LlmPrices {
  const said = connection.prices[model] ?? connection.prices['*'];
  if (said) return said;
  if (connection.provider === 'openai-compatible' && connection.allowPrivate) return { inputUsd: 0, cachedInputUsd: 0, outputUsd: 0 };
  const listed = connection.baseUrl === undefined ? pricesOf(model) : undefined;
  if (listed) return listed;
  const example = `connections.${name}.prices: { ${JSON.stringify(model)}: { inputUsd: 0.15, outputUsd: 0.6 } }`;
  throw new CoreError('no-prices', `what '${model}' costs is not known; say it in USD per million tokens, like ${example}`);
}

/** @throws CoreError 'no-key' naming the variable */
export function connectionWithKey(
  name: string,
  { provider, baseUrl, keyVariable, allowPrivate, timeoutSeconds }: ConnectionSpec,
  environment: Readonly<Record<string, string | undefined>>,
): LlmConnection {
  const key = keyVariable === undefined ? undefined : environment[keyVariable];
  if (keyVariable !== undefined && (key === undefined || key === ''))
    throw new CoreError('no-key', `connection '${name}': the environment variable ${keyVariable} is not set; it holds the key`);
  return { provider, allowPrivate, timeoutSeconds, ...(baseUrl !== undefined && { baseUrl }), ...(key !== undefined && { key }) };
}
