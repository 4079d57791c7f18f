import { Text, Tooltip } from '@mantine/core';

type Interval = { readonly estimate: number; readonly low: number; readonly high: number; readonly n: number };

const enough = 5;

/** `94.1 % ± 1.8`: every estimate shows its interval, greys out where too few items stand behind it, and explains itself on hover. */
export function Estimate({ value, of }: { value: Interval | null; of: string }) {
  if (!value || value.n === 0)
    return (
      <Text span c="dimmed">
        –
      </Text>
    );
  const half = ((value.high - value.low) / 2) * 100;
  return (
    <Tooltip label={`${of} on ${count(value.n)} items: between ${percent(value.low)} and ${percent(value.high)} (Wilson, 95 %)`}>
      <Text span inherit {...(value.n < enough && { c: 'dimmed' })} tabIndex={0}>
        {percent(value.estimate)}{' '}
        <Text span c="dimmed" size="xs">
          ± {half.toFixed(1)}
        </Text>
      </Text>
    </Tooltip>
  );
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** Without decimals, for places where there is no room for them; near the ends it does not pretend to be sure. */
export function roundPercent(share: number): string {
  if (share > 0.99 && share < 1) return '>99 %';
  return share > 0 && share < 0.01 ? '<1 %' : `${Math.round(share * 100)} %`;
}

export function count(value: number): string {
  return value.toLocaleString('en');
}

/** `1 h 50 min`, `40 s`. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function dollars(usd: number): string {
  return `$${usd.toFixed(2)}`;
}

/** `$0.0042`, `$1.27`, `$1,250`: two figures that say something, where `dollars` would say nothing. */
export function smallDollars(usd: number): string {
  if (usd === 0) return '$0';
  if (usd < 0.000_001) return '<$0.000001';
  if (usd < 0.1) return `$${Number(usd.toPrecision(2)).toLocaleString('en', { maximumFractionDigits: 8 })}`;
  return usd < 1000 ? dollars(usd) : `$${count(Math.round(usd))}`;
}
