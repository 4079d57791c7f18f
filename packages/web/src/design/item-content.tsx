import type { ItemDetail } from '@labelwright/contract/items';
import { type ReactNode, useMemo, useState } from 'react';
import type { Question } from '../state/label-tree.ts';
import { segmentsOf } from './highlight.ts';
import classes from './item-content.module.css';
import { labelStyle, titleOf } from './label-chip.tsx';

export interface Mark {
  readonly part: string;
  readonly start: number;
  readonly end: number;
  readonly labeler: string;
  readonly label: string | undefined;
}

/** All that the votes point at, each with the label that it speaks for. */
export function marksOf(evidence: ItemDetail['evidence']): Mark[] {
  return (evidence ?? []).flatMap(({ labeler, labels, matches }) =>
    (matches ?? []).map(({ part, start, end, label }) => ({ part, start, end, labeler, label: label ?? labels[0] })),
  );
}

interface ItemContentProps {
  readonly parts: ItemDetail['parts'];
  readonly question: Question;
  readonly marks?: readonly Mark[];
  /** The labeler whose matches stand out. */
  readonly pointed?: string | undefined;
}

/** What there is to label: its parts, one below the other, with what the labelers matched in the colour of the label that they vote for. */
export function ItemContent({ parts, question, marks = [], pointed }: ItemContentProps) {
  return (
    <div className={classes.item} data-pointed={pointed !== undefined || undefined}>
      {parts.map((part, index) => (
        <section key={part.name} aria-label={part.name}>
          {parts.length > 1 && <h3 className={classes.name}>{part.name}</h3>}
          <PartContent
            part={part}
            isTitle={parts.length > 1 && index === 0 && isShort(part.content)}
            marks={marks.filter((mark) => mark.part === part.name)}
            question={question}
            pointed={pointed}
          />
        </section>
      ))}
    </div>
  );
}

interface PartContentProps extends Pick<ItemContentProps, 'question' | 'pointed'> {
  readonly part: ItemDetail['parts'][number];
  readonly isTitle: boolean;
  readonly marks: readonly Mark[];
}

function PartContent({ part, isTitle, marks, question, pointed }: PartContentProps): ReactNode {
  const cells = part.modality === 'table' ? cellsOf(part.content) : undefined;
  if (cells) {
    return (
      <table className={classes.table}>
        <tbody>
          {cells.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td dir="auto">{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    );
  }
  if (part.modality !== 'text' && part.modality !== 'table') return <p className={classes.none}>{`${part.modality}: ${part.content}`}</p>;
  if (part.content === '') return <p className={classes.none}>empty</p>;
  return <Text text={part.content} isTitle={isTitle} marks={marks} question={question} pointed={pointed} />;
}

/** Longer texts are cut until somebody asks for the rest: a megabyte laid out at each key stroke would hold up the work. */
const longest = 40_000;

interface TextProps extends Pick<ItemContentProps, 'question' | 'pointed'> {
  readonly text: string;
  readonly isTitle: boolean;
  readonly marks: readonly Mark[];
}

function Text({ text, isTitle, marks, question, pointed }: TextProps) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole || text.length <= longest ? text : text.slice(0, longest);
  const segments = useMemo(() => segmentsOf(shown, marks), [shown, marks]);
  return (
    <div className={`lw-text ${classes.text}`} data-title={isTitle || undefined} dir="auto">
      {segments.map((segment, index) => {
        if (segment.places.length === 0) return segment.text;
        const here = segment.places.map((place) => marks[place]);
        const labels = [...new Set(here.map(({ label }) => label))];
        return (
          <mark
            // oxlint-disable-next-line react/no-array-index-key -- pieces of one text have no other name
            key={index}
            className={`lw-match ${classes.match}`}
            style={labelStyle(question, labels.at(-1))}
            data-split={labels.length > 1 || undefined}
            data-pointed={here.some(({ labeler }) => labeler === pointed) || undefined}
            title={here.map(({ labeler, label }) => `${labeler} → ${label === undefined ? '?' : titleOf(question, label)}`).join('\n')}
          >
            {segment.text}
          </mark>
        );
      })}
      {shown.length < text.length && (
        <button type="button" className={classes.more} onClick={() => setWhole(true)}>
          Show all {text.length.toLocaleString('en')} characters
        </button>
      )}
    </div>
  );
}

function isShort(text: string): boolean {
  return text.length <= 200 && !text.includes('\n');
}

function cellsOf(content: string): [string, string][] | undefined {
  try {
    const row: unknown = JSON.parse(content);
    return typeof row === 'object' && row !== null ? Object.entries(row).map(([name, value]) => [name, asText(value)]) : undefined;
  } catch {
    return undefined;
  }
}

/** A field's value as a person reads it. */
export function asText(value: unknown): string {
  if (value === null || value === undefined) return '–';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `2002-08-28T15:06:14.000Z` takes more room than it says. */
export function shortTime(text: string): string {
  return text.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d(?:\.\d+)?(Z|[+-]\d\d:\d\d)$/, '$1 $2 $3').replace(/ Z$/, '');
}

/** `fromDomain: cruise-deals.com · date: 2002-08-22` */
export function ItemFields({ fields, names }: { fields: ItemDetail['fields']; names: readonly string[] }) {
  const shown = names.filter((name) => name in fields);
  if (shown.length === 0) return null;
  return (
    <dl className={classes.fields}>
      {shown.map((name) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd dir="auto" title={asText(fields[name])}>
            {shortTime(asText(fields[name]))}
          </dd>
        </div>
      ))}
    </dl>
  );
}
