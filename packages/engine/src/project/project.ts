import type { LlmPrices } from '@labelwright/core/labelers/llm-exchange';
import type { ItemId, LabelerId, LabelId, QuestionId } from '@labelwright/core/model/ids';
import type { Json } from '@labelwright/core/model/json';
import type { Schema } from '@labelwright/core/model/schema';
import type { Silence } from '@labelwright/core/model/vote';
import type { ProviderKind } from '../providers/provider.ts';

/** A project file, checked, its paths absolute, its `{ file: … }` options read. */
export interface Project {
  readonly name: string;
  /** The file's folder: relative paths start here. */
  readonly folder: string;
  readonly items: ItemsSpec;
  readonly schema: Schema;
  readonly labelers: readonly LabelerSpec[];
  readonly connections: ReadonlyMap<string, ConnectionSpec>;
  /** What all language models may cost together, over all runs into one `output`. */
  readonly budgetUsd?: number;
  readonly gold?: GoldSpec;
  readonly aggregator: { readonly use: string; readonly with: unknown };
  readonly shares?: Readonly<Record<string, number>>;
  /** Share of wrong labels that is tolerable among the accepted, 0..1. */
  readonly targetError: number;
  readonly confidence: number;
  readonly seed: number;
  readonly output: string;
}

export interface ItemsSpec {
  readonly file: string;
  readonly format?: string;
  readonly encoding?: string;
  readonly id?: string;
  /** Fields shown and read as text, in this order; none: `text`, or else every text field. */
  readonly text: readonly string[];
  /** Fields that no labeler may see. */
  readonly hide: readonly string[];
}

export interface LabelerSpec {
  readonly id: LabelerId;
  readonly use: string;
  readonly question: QuestionId;
  /** As given; each technique checks its own. */
  readonly with: Json;
  readonly silence?: Silence;
  readonly costUsd: number;
  /** Of a language model: what it may cost, over all runs into one `output`. */
  readonly budgetUsd?: number;
}

/** Where language models are asked. The key is not in it: only which variable of the environment holds it. */
export interface ConnectionSpec {
  readonly provider: ProviderKind;
  readonly baseUrl?: string;
  readonly keyVariable?: string;
  readonly allowPrivate: boolean;
  /** By model; `*` any other. */
  readonly prices: Readonly<Record<string, LlmPrices>>;
  readonly timeoutSeconds: number;
  readonly concurrency: number;
  readonly callsPerMinute?: number;
  /** Answers within a day, for half the price. */
  readonly batchApi: boolean;
}

/** Answers trusted by decree, used only to score: from a field of the items (then hidden from labelers) or a file `item,label`. */
export type GoldSpec = ({ readonly field: string } | { readonly file: string }) & {
  readonly question: QuestionId;
  /** What the values mean; without it they are labels. */
  readonly labels?: Readonly<Record<string, LabelId>>;
};

export type GoldAnswers = ReadonlyMap<ItemId, readonly LabelId[]>;
