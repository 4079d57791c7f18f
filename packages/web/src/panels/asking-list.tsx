import type { AskingRun } from '@labelwright/contract/llm';
import { Button, NumberInput, Progress, Text } from '@mantine/core';
import { useState } from 'react';
import { Moment } from '../design/moment.tsx';
import { count, duration, smallDollars } from '../design/numbers.tsx';
import { cancelAsking, isAsking, isOpen, pauseAsking, resumeAsking, secondsLeft } from '../state/askings.ts';
import { useMay, useProject } from '../state/project.ts';
import classes from './prompt.module.css';
import states from './run-state.module.css';

/** Models being asked, or asked before: how far, at what price, what failed, and what one can do about it. */
export function AskingList({ askings, isNamed = true }: { askings: readonly AskingRun[]; isNamed?: boolean }) {
  return (
    <ul className={classes.askings} aria-label="Askings">
      {askings.map((asking) => (
        <OneAsking key={asking.id} asking={asking} isNamed={isNamed} />
      ))}
    </ul>
  );
}

/** `paused` is no state of runs: it looks like one that waits. */
const looks = { paused: 'queued' } as const;

function OneAsking({ asking, isNamed }: { asking: AskingRun; isNamed: boolean }) {
  const { id: project } = useProject();
  const mayChange = useMay('manager');
  const { labeler, state, reason, done, total, cached, failures, usd, budgetUsd, itemsPerSecond, person, createdAt } = asking;
  const left = state === 'running' ? secondsLeft(asking) : null;
  const failed = failures.reduce((sum, { count: n }) => sum + n, 0);
  return (
    <li className={classes.asking}>
      <div className={classes.bar}>
        {isNamed && (
          <Text span fw={600}>
            {labeler.name}{' '}
            <Text span size="xs" c="dimmed">
              v{labeler.version}
            </Text>
          </Text>
        )}
        <span className={states.state} data-state={state === 'paused' ? looks.paused : state}>
          <span className={states.dot} aria-hidden />
          {state}
        </span>
        <Text span size="xs" c="dimmed">
          {person}, <Moment time={createdAt} />
        </Text>
        {mayChange && isOpen(asking) && (
          <span className={classes.bar} style={{ marginLeft: 'auto' }}>
            {isAsking(asking) && (
              <Button variant="default" onClick={() => void pauseAsking(project, asking)} aria-label={`Pause asking ${labeler.name}`}>
                Pause
              </Button>
            )}
            <Button
              variant="subtle"
              color="gray"
              onClick={() => void cancelAsking(project, asking)}
              aria-label={`Cancel asking ${labeler.name}`}
            >
              Cancel
            </Button>
          </span>
        )}
      </div>
      {isOpen(asking) && (
        <Progress.Root size={8}>
          <Progress.Section
            value={total > 0 ? (done / total) * 100 : 0}
            color={isAsking(asking) ? 'accent' : 'gray'}
            aria-label={`Progress of asking ${labeler.name}`}
            aria-valuetext={`${count(done)} of ${count(total)} items, ${smallDollars(usd)} spent`}
          />
        </Progress.Root>
      )}
      <div className={states.words}>
        <span>
          {count(done)} of {count(total)} items
        </span>
        <span>
          {smallDollars(usd)} spent{budgetUsd !== null && ` of ${smallDollars(budgetUsd)}`}
        </span>
        {cached > 0 && <span>{count(cached)} answered before, for nothing</span>}
        {isAsking(asking) && itemsPerSecond > 0 && <span>{itemsPerSecond.toFixed(itemsPerSecond < 10 ? 1 : 0)} items/s</span>}
        {left !== null && <span>about {duration(Math.ceil(left))} left</span>}
      </div>
      {reason !== null && (
        <Text size="sm" c={state === 'failed' ? 'var(--lw-error)' : 'var(--lw-warning)'} role="status">
          {state === 'paused' ? 'Paused: ' : ''}
          {reason}
        </Text>
      )}
      {failed > 0 && (
        <Text size="sm" c="dimmed">
          {count(failed)} without an answer: {failures.map(({ reason: why, count: n }) => `${why} (${count(n)})`).join(', ')}
        </Text>
      )}
      {mayChange && state === 'paused' && <Resume asking={asking} />}
    </li>
  );
}

function Resume({ asking }: { asking: AskingRun }) {
  const { id: project } = useProject();
  const { budgetUsd, usd, labeler } = asking;
  const [typed, setTyped] = useState<number | string>();
  const value = typed ?? budgetUsd ?? '';
  const next = typeof value === 'number' && value > 0 ? value : null;
  const isSpent = next !== null && next <= usd;
  return (
    <div className={classes.budget}>
      <NumberInput
        label="Budget of this asking"
        w={200}
        prefix="$"
        placeholder="none"
        min={0}
        hideControls
        decimalScale={4}
        value={value}
        error={isSpent && 'already spent'}
        onChange={setTyped}
      />
      <Button
        disabled={isSpent}
        onClick={() => void resumeAsking(project, asking, typed === undefined ? undefined : next)}
        aria-label={`Go on asking ${labeler.name}`}
      >
        Go on
      </Button>
    </div>
  );
}

/** For a screen reader: the turns, not every item. */
export function AskingNews({ askings }: { askings: readonly AskingRun[] | undefined }) {
  const latest = askings?.[0];
  return (
    <div className="lw-hidden" role="status">
      {latest && `${latest.labeler.name}: ${latest.state}${latest.reason === null ? '' : `, ${latest.reason}`}`}
    </div>
  );
}
