/** Browsers lay out nothing taller than some ten million pixels. Beyond that, the scrollbar moves in larger steps than the rows: `scale` pixels of rows
 *  for each pixel of the bar. */
export interface TallScroll {
  /** Of the element that scrolls. */
  readonly barHeight: number;
  readonly scale: number;
}

export function tallScroll(rowsHeight: number, viewHeight: number, tallest: number): TallScroll {
  if (rowsHeight <= tallest) return { barHeight: rowsHeight, scale: 1 };
  return { barHeight: tallest, scale: Math.max(1, (rowsHeight - viewHeight) / (tallest - viewHeight)) };
}

let measured: number | undefined;

/** What this browser can lay out: 33.5 million pixels in Chromium, 17.9 in Firefox. */
export function tallestElement(): number {
  if (measured === undefined) {
    const probe = document.createElement('div');
    probe.style.cssText = 'position:absolute;visibility:hidden;width:1px;height:50000000px';
    document.body.append(probe);
    const { offsetHeight } = probe;
    probe.remove();
    // A browser that gives up altogether says 0.
    measured = offsetHeight > 1_000_000 ? Math.floor(offsetHeight * 0.98) : 5_000_000;
  }
  return measured;
}

/** Pages of rows that a view needs: those that it shows and one on either side. */
export function pagesFor(first: number, last: number, total: number, pageSize: number): number[] {
  if (total === 0) return [];
  const lastPage = Math.floor((total - 1) / pageSize);
  const from = Math.max(0, Math.floor(first / pageSize) - 1);
  const to = Math.min(lastPage, Math.floor(last / pageSize) + 1);
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}
