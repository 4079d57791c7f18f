import { labelStyle, titleOf } from './label-chip.tsx';
import classes from './posterior-bars.module.css';
import { percent } from './numbers.tsx';
import type { Question } from '../state/label-tree.ts';

interface PosteriorBarsProps {
  readonly question: Question;
  readonly labels: readonly string[];
  /** One per label. */
  readonly posterior: readonly number[];
  /** Where there are many labels, only the likeliest. */
  readonly most?: number;
}

/** How likely each label is, all votes taken together. */
export function PosteriorBars({ question, labels, posterior, most = 6 }: PosteriorBarsProps) {
  const ranked = labels.map((label, index) => ({ label, share: posterior[index] ?? 0 })).sort((a, b) => b.share - a.share);
  const rest = ranked.length - most;
  return (
    <ul className={classes.bars} aria-label="How likely each label is">
      {ranked.slice(0, most).map(({ label, share }) => (
        <li key={label} style={labelStyle(question, label)}>
          <span className={classes.name} title={titleOf(question, label)}>
            {titleOf(question, label)}
          </span>
          <span className={classes.track}>
            <span className={classes.bar} style={{ width: `${share * 100}%` }} />
          </span>
          <span className={classes.share}>{percent(share)}</span>
        </li>
      ))}
      {rest > 0 && <li className={classes.rest}>and {rest} more, less likely</li>}
    </ul>
  );
}
