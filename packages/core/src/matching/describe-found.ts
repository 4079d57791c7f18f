import type { Span } from './threads.ts';

const mostShown = 5;
const longestShown = 60;

/** In words, most seen first: `matched 'free money' (2 times), 'prize'`. */
export function describeFound(text: string, found: readonly Span[]): string {
  const times = new Map<string, number>();
  for (const { start, end } of found) {
    const seen = shorten(text.slice(start, Math.min(end, start + 4 * longestShown)));
    times.set(seen, (times.get(seen) ?? 0) + 1);
  }
  const shown = [...times].sort((a, b) => b[1] - a[1]);
  const parts = shown.slice(0, mostShown).map(([seen, count]) => `'${seen}'${count > 1 ? ` (${count} times)` : ''}`);
  if (shown.length > mostShown) parts.push(`${shown.length - mostShown} more`);
  return `matched ${parts.join(', ')}`;
}

/** On one line; cut between code points. */
function shorten(match: string): string {
  const line = match.replace(/[\p{White_Space}\p{Cc}]+/gu, ' ');
  const points = Array.from(line);
  return points.length > longestShown ? `${points.slice(0, longestShown).join('')}…` : line;
}
