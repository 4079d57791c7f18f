import { count, percent } from '../design/numbers.tsx';
import classes from './funnel-bar.module.css';

interface Funnel {
  readonly items: number;
  readonly accepted: number;
  readonly waiting: number;
}

/** Accepted, waiting for people, not labeled at all: the three add up to the items. */
export function FunnelBar({ items, accepted, waiting, large }: Funnel & { large?: boolean }) {
  const share = (part: number) => `${items === 0 ? 0 : (part / items) * 100}%`;
  const words = items === 0 ? 'no items' : `${percent(accepted / items)} accepted, ${count(waiting)} waiting of ${count(items)}`;
  return (
    <div className={classes.bar} role="img" aria-label={words} data-large={large || undefined}>
      <div className={classes.accepted} style={{ width: share(accepted) }} />
      <div className={classes.waiting} style={{ width: share(waiting) }} />
    </div>
  );
}
