import type { CostEstimate } from '@labelwright/contract/llm';
import type { AnyAskedLabeler } from '@labelwright/core/labelers/labeler';
import type { LlmPrices } from '@labelwright/core/labelers/llm-exchange';
import { pricesDate, pricesOf } from '@labelwright/core/labelers/llm-prices';
import type { LlmPromptOptions } from '@labelwright/core/labelers/llm-prompt';
import { CoreError } from '@labelwright/core/model/errors';
import type { LabelerId } from '@labelwright/core/model/ids';
import type { Question } from '@labelwright/core/model/schema';
import { allowedHostsOf } from '@labelwright/engine/egress/egress';
import type { ItemView } from '@labelwright/engine/items/item-of';
import type { Inquiry } from '@labelwright/engine/llm/ask-items';
import { askedOptions, askedTechnique } from '@labelwright/engine/project/asked';
import type { LlmProvider } from '@labelwright/engine/providers/provider';
import type { Context, Db } from '../context.ts';
import { questionIn } from '../project-question.ts';
import { connectionNamed, type ConnectionRow } from '../stores/connections.ts';
import { type ProjectRow, settingsOf } from '../stores/projects.ts';
import { viewOf } from '../stores/run-items.ts';
import { openKey } from './keys.ts';

export interface AskedDefinition {
  readonly use: string;
  readonly with: Readonly<Record<string, unknown>>;
  readonly question?: string | undefined;
}

/** What is asked of which model, checked. */
export interface Plan {
  readonly project: ProjectRow;
  readonly technique: AnyAskedLabeler;
  readonly options: LlmPromptOptions;
  readonly question: Question;
  readonly guidelines: string | undefined;
  readonly view: ItemView;
  readonly connection: ConnectionRow;
}

/** @throws CoreError 'bad-options' with the key, 'unknown-question' */
export async function planOf(db: Db, project: ProjectRow, { use, with: given, question: asked }: AskedDefinition): Promise<Plan> {
  const technique = askedTechnique(use);
  if (!technique) throw new CoreError('bad-options', `'${use}' does not ask a language model`, { path: 'use' });
  const options = askedOptions(technique, given) as LlmPromptOptions;
  const question = questionIn(project, asked);
  const connection = await connectionNamed(db, project.id, options.connection);
  if (!connection)
    throw new CoreError('bad-options', `${use}: connection: there is no connection called '${options.connection}' in this project`, {
      path: 'connection',
    });
  const { guidelines } = project.schema;
  return { project, technique, options, question, guidelines, view: viewOf(settingsOf(project)), connection };
}

export type PricesOfModel = LlmPrices & Pick<CostEstimate['prices'], 'source' | 'tableDate'>;

/** What the connection says, else the table; what is served at home costs nothing unless the connection says so.
 *  @throws CoreError 'no-prices': a budget without prices would hold nothing */
export function pricesAt(
  { provider, base_url, allow_private, prices, name }: Pick<ConnectionRow, 'provider' | 'base_url' | 'allow_private' | 'prices' | 'name'>,
  model: string,
): PricesOfModel {
  const said = prices.find((each) => each.model === model) ?? prices.find((each) => each.model === '*');
  if (said) {
    const { inputUsd, cachedInputUsd, outputUsd } = said;
    return { inputUsd, cachedInputUsd, outputUsd, source: 'connection', tableDate: null };
  }
  if (provider === 'openai-compatible' && allow_private)
    return { inputUsd: 0, cachedInputUsd: 0, outputUsd: 0, source: 'own-machine', tableDate: null };
  const listed = base_url === null ? pricesOf(model) : undefined;
  if (listed) return { ...listed, source: 'table', tableDate: pricesDate };
  throw new CoreError('no-prices', `What '${model}' costs is not known: say it in the prices of the connection '${name}'`, {
    path: 'prices',
  });
}

/** All but the provider: enough to write requests. @param examples version of the examples; '' without */
export function inquiryOf(
  { technique, options, question, guidelines, connection }: Plan,
  labeler: number,
  examples = '',
): Omit<Inquiry, 'provider'> {
  return {
    labeler: String(labeler) as LabelerId,
    technique,
    options,
    question,
    prices: pricesAt(connection, options.model),
    depends: {
      provider: connection.provider,
      baseUrl: connection.base_url ?? '',
      model: options.model,
      use: technique.name,
      ...(examples !== '' && { examples }),
    },
    ...(guidelines !== undefined && { guidelines }),
  };
}

/** @throws CoreError 'no-key', 'unknown-master-key' */
export async function openProviderOf(context: Pick<Context, 'files'>, connection: ConnectionRow, model: string): Promise<LlmProvider> {
  const key = await openKey(context, connection);
  const { provider, base_url: baseUrl, allow_private: allowPrivate, name } = connection;
  if (key === undefined && provider !== 'openai-compatible')
    throw new CoreError('no-key', `The connection '${name}' has no key: give it one`);
  const { openProvider } = await import('@labelwright/engine/providers/open-provider');
  const allowedHosts = allowedHostsOf(process.env);
  return openProvider(
    { provider, allowPrivate, ...(baseUrl !== null && { baseUrl }), ...(key !== undefined && { key }) },
    model,
    allowedHosts ? { allowedHosts } : {},
  );
}

/** Faults of language models for people: without the name of our module. */
export function inWords(message: string): string {
  const text = message.replace(/^(?:llm|egress|secrets): /, '');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
