import type { LabelId } from '@labelwright/core/model/ids';
import { type Html, html } from './html.ts';
import type { DisputedItem } from './run-report.ts';

interface Mark {
  readonly start: number;
  readonly end: number;
  readonly label: LabelId | undefined;
}

const shown = 1200;

/** The text of one part with the matched places in the colour of the label that they vote for. Offsets are code points. */
export function highlightedPart(item: DisputedItem, part: string, text: string, colorOf: (label: LabelId | undefined) => string): Html {
  const marks = item.votes
    .flatMap(({ explanation, labels }) =>
      (explanation?.matches ?? []).map((match): Mark & { part: string } => ({ ...match, label: match.label ?? labels[0] })),
    )
    .filter((match) => match.part === part)
    .sort((a, b) => a.start - b.start || b.end - a.end);
  const points = Array.from(text);
  const end = Math.min(points.length, shown);
  const pieces: Html[] = [];
  let at = 0;
  for (const mark of marks) {
    if (mark.start < at || mark.start >= end) continue;
    const stop = Math.min(mark.end, end);
    pieces.push(
      html`${points.slice(at, mark.start).join('')}<mark style="--label:${colorOf(mark.label)}">${points.slice(mark.start, stop).join('')}</mark>`,
    );
    at = stop;
  }
  pieces.push(
    html`${points.slice(at, end).join('')}${points.length > end && html`<span class="more"> … ${(points.length - end).toLocaleString('en')} more characters</span>`}`,
  );
  return html`${pieces}`;
}
