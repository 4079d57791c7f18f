import type { Run } from '@labelwright/contract/runs';
import { Text, Tooltip } from '@mantine/core';
import { count, Estimate, percent } from '../design/numbers.tsx';
import { Figure, Figures } from './figures.tsx';
import { FunnelBar } from './funnel-bar.tsx';
import classes from './run-results.module.css';

/** What a run made of one question. */
export function RunResults({ result }: { result: Run['results'][number] }) {
  const { items, covered, conflicting, accepted, waiting, expectedError, gold, method, warnings } = result;
  const share = (part: number) => (items === 0 ? '' : percent(part / items));
  return (
    <>
      <FunnelBar items={items} accepted={accepted} waiting={waiting} large />
      <Figures>
        <Figure name="Items">{count(items)}</Figure>
        <Figure name="With a vote">
          <Share value={covered} share={share(covered)} />
        </Figure>
        <Figure name="Labelers differ">
          <Share value={conflicting} share={share(conflicting)} />
        </Figure>
        <Figure name="Accepted">
          <Share value={accepted} share={share(accepted)} />
        </Figure>
        <Figure name="Waiting for people">
          <Share value={waiting} share={share(waiting)} />
        </Figure>
        <Figure name="Expected wrong among accepted">
          <Tooltip label="What the aggregator expects by its own probabilities. Nobody has checked it: an audit by people proves a bound.">
            <span tabIndex={0}>{accepted === 0 ? '–' : percent(expectedError)}</span>
          </Tooltip>
        </Figure>
        <Figure name="Right on gold">
          <Estimate value={gold} of="right answers on gold" />
        </Figure>
        <Figure name="Votes combined by">{method}</Figure>
      </Figures>
      {warnings.length > 0 && (
        <ul className={classes.warnings} aria-label="Warnings">
          {warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
    </>
  );
}

function Share({ value, share }: { value: number; share: string }) {
  return (
    <>
      {count(value)}{' '}
      <Text span size="xs" c="dimmed">
        {share}
      </Text>
    </>
  );
}
