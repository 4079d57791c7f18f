import { guardName } from './formula-guard.ts';

/** A cell as it stands in a delimited file: quoted where it must be. */
export function csvCell(text: string, delimiter = ','): string {
  return text.includes('"') || text.includes(delimiter) || text.includes('\n') || text.includes('\r')
    ? `"${text.replaceAll('"', '""')}"`
    : text;
}

/** One line of a machine's table (ids, labels, numbers), with its line break. */
export function csvLine(cells: readonly string[]): string {
  let line = '';
  for (let column = 0; column < cells.length; column++) line += (column > 0 ? ',' : '') + csvCell(guardName(cells[column]));
  return `${line}\n`;
}
