import { labelStyle } from '../design/label-chip.tsx';
import { segmentsOf } from '../design/highlight.ts';
import { useQuestion } from '../state/project.ts';

interface Match {
  readonly start: number;
  readonly end: number;
  readonly label?: string | undefined;
}

const before = 70;
const between = 120;
const after = 140;

/** The parts of a text around what matched, marked in the colour of the label that it votes for; without matches, its beginning. */
export function Excerpt({ text, matches, label }: { text: string; matches: readonly Match[]; label: string | undefined }) {
  const question = useQuestion();
  const segments = segmentsOf(text, matches);
  return (
    <span className="lw-text" dir="auto">
      {segments.map((segment, index) => {
        const [place] = segment.places;
        const isFirst = index === 0;
        const isLast = index === segments.length - 1;
        if (place === undefined) return <span key={index}>{shortened(segment.text, isFirst && !isLast, isLast)}</span>;
        return (
          <mark key={index} className="lw-match" style={labelStyle(question, matches[place].label ?? label)}>
            {segment.text}
          </mark>
        );
      })}
    </span>
  );
}

function shortened(text: string, isBefore: boolean, isAfter: boolean): string {
  const squeezed = text.replace(/\s*\n\s*/g, ' ⏎ ');
  if (isBefore) return squeezed.length > before ? `…${squeezed.slice(-before)}` : squeezed;
  if (isAfter) return squeezed.length > after ? `${squeezed.slice(0, after)}…` : squeezed;
  return squeezed.length > between ? `${squeezed.slice(0, between / 2)} … ${squeezed.slice(-between / 2)}` : squeezed;
}
