import type { LabelId } from './ids.ts';
import type { Json } from './json.ts';

/** A label at a region, or on the whole item. */
export interface Annotation<Region = unknown> {
  readonly label: LabelId;
  readonly region?: Region;
  readonly attributes?: Readonly<Record<string, Json>>;
}

/** What a labeler says to one question about one item. */
export type Answer<Region = unknown> =
  /** An empty list says "none apply". Confidence 0..1, where the labeler has one. */
  | { readonly kind: 'labels'; readonly annotations: readonly Annotation<Region>[]; readonly confidence?: number }
  /** Looked, has no opinion. */
  | { readonly kind: 'abstain' }
  /** Could not look: never an opinion, never an abstention. */
  | { readonly kind: 'failed'; readonly reason: string };

export const abstain: Answer = Object.freeze({ kind: 'abstain' });

export function failed(reason: string): Answer {
  return { kind: 'failed', reason };
}

export function answerOf(labels: readonly LabelId[], confidence?: number): Answer {
  const annotations = labels.map((label) => ({ label }));
  return confidence === undefined ? { kind: 'labels', annotations } : { kind: 'labels', annotations, confidence };
}

/** The labels that an answer casts; none where it abstained or failed. */
export function labelsOf(answer: Answer): LabelId[] {
  return answer.kind === 'labels' ? answer.annotations.map((annotation) => annotation.label) : [];
}
