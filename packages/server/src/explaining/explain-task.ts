import type { Item } from '@labelwright/core/model/item';
import type { Json } from '@labelwright/core/model/json';
import type { Question } from '@labelwright/core/model/schema';
import type { Explanation } from '@labelwright/core/model/vote';

/** A labeler as the thread receives it: plain data. */
export interface ExplainedLabeler {
  readonly key: string;
  readonly use: string;
  readonly with: Json;
  readonly question: Question;
  /** One (null for rules), or one per fold: an item is explained by the model that answered it. */
  readonly models: readonly Json[];
  readonly seed: number;
}

/** From the server to the thread. */
export interface ExplainTask {
  readonly id: number;
  /** Met for the first time. */
  readonly define: readonly ExplainedLabeler[];
  /** No longer asked for. */
  readonly forget: readonly string[];
  readonly item: Item;
  readonly labelers: readonly string[];
}

/** From the thread to the server: by the labelers of the task; null where there is nothing to say. */
export interface ExplainReply {
  readonly id: number;
  readonly explanations: readonly (Explanation | null)[];
}
