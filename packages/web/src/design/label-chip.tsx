import type { CSSProperties, ReactNode } from 'react';
import { labelColor } from '@labelwright/core/model/palette';
import type { SchemaJson } from '@labelwright/contract/schema';

type Question = SchemaJson['questions'][number];

/** A label's colour is the same wherever it is shown. */
export function colorOf(question: Question | undefined, label: string | undefined): string {
  const position = question?.labels.findIndex(({ id }) => id === label) ?? -1;
  return position < 0 || !question ? 'var(--lw-muted)' : labelColor(question.labels[position], position);
}

/** For elements that take a label's colour as `--label`. */
export function labelStyle(question: Question | undefined, label: string | undefined): CSSProperties {
  return { '--label': colorOf(question, label) } as CSSProperties;
}

export function titleOf(question: Question | undefined, label: string): string {
  return question?.labels.find(({ id }) => id === label)?.title ?? label;
}

export function LabelChip({ question, label, children }: { question: Question | undefined; label: string; children?: ReactNode }) {
  return (
    <span className="lw-chip" style={labelStyle(question, label)}>
      {titleOf(question, label)}
      {children}
    </span>
  );
}
