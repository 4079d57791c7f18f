import type { CSSProperties } from 'react';
import { titleOf } from '../design/label-chip.tsx';
import { count, percent } from '../design/numbers.tsx';
import page from '../design/page.module.css';
import { useQuestion } from '../state/project.ts';
import classes from './accuracy-figures.module.css';

interface ConfusionMatrixProps {
  readonly labels: readonly string[];
  /** k×k, rows = what is true. */
  readonly matrix: readonly number[];
  readonly truth: string;
  /** Who says the columns. */
  readonly said?: string;
}

/** Right ones on the diagonal, in the accent; wrong ones beside it, in red: the shares of their row. */
export function ConfusionMatrix({ labels, matrix, truth, said = 'the machine' }: ConfusionMatrixProps) {
  const question = useQuestion();
  const k = labels.length;
  const titles = labels.map((label) => titleOf(question, label));
  const sums = labels.map((_, row) => matrix.slice(row * k, row * k + k).reduce((sum, n) => sum + n, 0));
  return (
    <div className={page.scroll} role="region" aria-label="Confusion matrix" tabIndex={0}>
      <table className={classes.matrix} aria-label={`Rows: what ${truth} says; columns: what ${said} says`}>
        <thead>
          <tr>
            <td className={classes.sum} />
            {titles.map((title, c) => (
              <th key={labels[c]} scope="col" title={title}>
                {title}
              </th>
            ))}
            <th scope="col">all</th>
          </tr>
        </thead>
        <tbody>
          {titles.map((title, row) => (
            <tr key={labels[row]}>
              <th scope="row" title={title}>
                {title}
              </th>
              {labels.map((label, c) => {
                const n = matrix[row * k + c];
                const share = sums[row] === 0 ? 0 : n / sums[row];
                const color = row === c ? 'var(--lw-accepted)' : 'var(--lw-error)';
                return (
                  <td
                    key={label}
                    style={{ '--share': share * (row === c ? 0.6 : 1), '--cell': color } as CSSProperties}
                    title={`${title}: ${said} says ${titles[c]} for ${count(n)} of ${count(sums[row])} (${percent(share)})`}
                  >
                    {n === 0 ? '·' : count(n)}
                  </td>
                );
              })}
              <td className={classes.sum}>{count(sums[row])}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
