const format = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

/** A time as the reader's clock shows it; the exact one, in UTC, for whoever points at it and for machines. */
export function Moment({ time }: { time: string }) {
  return (
    <time dateTime={time} title={time} style={{ whiteSpace: 'nowrap' }}>
      {format.format(new Date(time))}
    </time>
  );
}
