import type { CSSProperties } from 'react';
import { count, percent } from '../design/numbers.tsx';
import page from '../design/page.module.css';
import classes from '../pages/labelers.module.css';

interface ConflictMatrixProps {
  readonly names: readonly string[];
  /** m×m: items on which both voted. */
  readonly overlaps: readonly number[];
  /** m×m: of these, items on which they differ. */
  readonly conflicts: readonly number[];
}

const most = 40;

/** Of the items on which both vote, how many they differ on. */
export function ConflictMatrix({ names, overlaps, conflicts }: ConflictMatrixProps) {
  const shown = names.slice(0, most);
  return (
    <div className={page.scroll} role="region" aria-label="Conflict matrix" tabIndex={0}>
      <table className={classes.matrix} aria-label="Share of common items on which two labelers differ">
        <thead>
          <tr>
            <td data-none />
            {shown.map((name) => (
              <th key={name} scope="col" title={name}>
                <span>{name}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, r) => (
            <tr key={row}>
              <th scope="row" title={row}>
                {row}
              </th>
              {shown.map((column, c) => (
                <Cell
                  key={column}
                  row={row}
                  column={column}
                  both={overlaps[r * names.length + c]}
                  differ={conflicts[r * names.length + c]}
                  isSelf={r === c}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface CellProps {
  readonly row: string;
  readonly column: string;
  readonly both: number;
  readonly differ: number;
  readonly isSelf: boolean;
}

function Cell({ row, column, both, differ, isSelf }: CellProps) {
  if (isSelf) return <td data-none aria-label="the same" />;
  if (both === 0) {
    return (
      <td data-none title={`${row} and ${column} never vote on the same item`}>
        –
      </td>
    );
  }
  const share = differ / both;
  return (
    <td
      style={{ '--share': Math.min(0.75, share) } as CSSProperties}
      title={`${row} and ${column}: ${count(differ)} of ${count(both)} differ (${percent(share)})`}
    >
      {differ === 0 ? '0' : Math.max(1, Math.round(share * 100))}
    </td>
  );
}
