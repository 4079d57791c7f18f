import type { Run } from '@labelwright/contract/runs';
import { Progress } from '@mantine/core';
import { count, duration } from '../design/numbers.tsx';
import { isUnderWay, secondsLeft } from '../state/runs.ts';
import classes from './run-state.module.css';

/** The word carries it; the dot only helps to find it. */
export function StateWord({ state }: { state: Run['state'] | 'draft' }) {
  return (
    <span className={classes.state} data-state={state}>
      <span className={classes.dot} aria-hidden />
      {state}
    </span>
  );
}

/** How far, how fast, how long still. */
export function RunProgress({ run }: { run: Run }) {
  const { number, phase, done, total, itemsPerSecond, state } = run;
  const left = secondsLeft(run);
  const isCounting = total > 0 && state === 'running';
  return (
    <div className={classes.progress}>
      <Progress.Root size={8}>
        <Progress.Section
          value={isCounting ? (done / total) * 100 : 100}
          animated={!isCounting}
          striped={!isCounting}
          color={isCounting ? 'accent' : 'gray'}
          aria-label={`Progress of run ${number}`}
          withAria={isCounting}
          {...(isCounting && { 'aria-valuetext': `${phase}: ${count(done)} of ${count(total)} items` })}
        />
      </Progress.Root>
      <div className={classes.words}>
        <span>{state === 'queued' ? 'waiting for its turn' : phase}</span>
        {isCounting && (
          <span>
            {count(done)} of {count(total)}
          </span>
        )}
        {isCounting && itemsPerSecond > 0 && <span>{count(Math.round(itemsPerSecond))} items/s</span>}
        {left !== null && <span>about {duration(Math.ceil(left))} left in this phase</span>}
      </div>
    </div>
  );
}

/** Says to a screen reader what the eye sees at once; not every item, only each phase and the end. */
export function RunNews({ run }: { run: Run | undefined }) {
  return (
    <div className="lw-hidden" role="status">
      {run &&
        (isUnderWay(run) ? `Run ${run.number}: ${run.state === 'queued' ? 'queued' : run.phase}` : `Run ${run.number} is ${run.state}`)}
    </div>
  );
}
