import type { Run } from '@labelwright/contract/runs';
import { Button, Skeleton, Stack, Text } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Later } from '../design/later.tsx';
import { EmptyState, ErrorNotice } from '../design/notices.tsx';
import { count, duration, percent } from '../design/numbers.tsx';
import { Page, Section } from '../design/page.tsx';
import page from '../design/page.module.css';
import { useRowKeys } from '../design/row-keys.ts';
import { Moment } from '../design/moment.tsx';
import { AskingList, AskingNews } from '../panels/asking-list.tsx';
import { OneRun } from '../panels/one-run.tsx';
import { RunNews, RunProgress, StateWord } from '../panels/run-state.tsx';
import { StartRun } from '../panels/start-run.tsx';
import { useAskings } from '../state/askings.ts';
import { useMay, useProject } from '../state/project.ts';
import { cancelRun, isUnderWay, secondsTaken, useRuns } from '../state/runs.ts';
import classes from './runs.module.css';

const route = getRouteApi('/projects/$project/runs');

/** All runs, or the one of the URL. */
export function RunsPage() {
  const project = useProject();
  const { run: open } = route.useSearch();
  const runs = useRuns(project.id);
  const askings = useAskings(project.id, useMay('reviewer'));
  const mayRun = useMay('manager') && project.archivedAt === null;
  const opened = open === undefined ? undefined : runs.data?.find(({ id }) => id === open);
  return (
    <>
      <RunNews run={opened ?? runs.data?.[0]} />
      {open === undefined ? (
        <Page title="Runs" actions={mayRun && runs.data?.length !== 0 && <StartRun project={project.id} disabled={project.items === 0} />}>
          {runs.error && <ErrorNotice error={runs.error} retry={() => void runs.refetch()} />}
          {runs.isPending && <Loading />}
          {runs.data?.length === 0 && <FirstRun mayRun={mayRun} />}
          {askings.data && askings.data.length > 0 && (
            <Section title="Language models being asked" note="the newest first">
              <AskingNews askings={askings.data} />
              <AskingList askings={askings.data.slice(0, 10)} />
            </Section>
          )}
          {runs.data && runs.data.length > 0 && <RunTable runs={runs.data} mayRun={mayRun} />}
        </Page>
      ) : (
        <OneRun runs={runs.data} run={opened} error={runs.error} mayRun={mayRun} />
      )}
    </>
  );
}

function FirstRun({ mayRun }: { mayRun: boolean }) {
  const project = useProject();
  const params = { project: project.id };
  if (project.items === 0) {
    return (
      <EmptyState
        title="There is nothing to run over yet"
        action={
          mayRun && <Button renderRoot={(props) => <Link to="/projects/$project/import" params={params} {...props} />}>Import items</Button>
        }
      >
        A run lets every labeler vote on every item, then estimates the label of each. It needs items first.
      </EmptyState>
    );
  }
  return (
    <EmptyState title="Nothing has run yet" action={mayRun && <StartRun project={project.id} disabled={false} />}>
      A run lets every labeler vote on all {count(project.items)} items and estimates the label of each, with how sure it is. Later runs say
      what they changed.{' '}
      <Link to="/projects/$project/labelers" params={params}>
        See the labelers
      </Link>{' '}
      that would vote.
    </EmptyState>
  );
}

function RunTable({ runs, mayRun }: { runs: readonly Run[]; mayRun: boolean }) {
  const rows = useRowKeys<HTMLDivElement>();
  return (
    <div className={page.scroll} ref={rows}>
      <table className={`${page.table} ${classes.table}`} aria-label="Runs">
        <thead>
          <tr>
            <th scope="col">Run</th>
            <th scope="col">State</th>
            <th scope="col">Result</th>
            <th scope="col">Labelers</th>
            <th scope="col">Started</th>
            <th scope="col" data-number>
              Took
            </th>
            <th scope="col">
              <span className="lw-hidden">Stop</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <RunRow key={run.id} run={run} mayRun={mayRun} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function RunRow({ run, mayRun }: { run: Run; mayRun: boolean }) {
  const project = useProject();
  const { id, number, state, person, createdAt, startedAt } = run;
  const took = secondsTaken(run);
  return (
    <tr>
      <td>
        <Link to="/projects/$project/runs" params={{ project: project.id }} search={{ run: id }} className={classes.link} data-row>
          Run {number}
        </Link>
        <Text size="xs" c="dimmed" className={classes.person}>
          {person}
        </Text>
      </td>
      <td>
        <StateWord state={state} />
      </td>
      <td className={classes.result}>{isUnderWay(run) ? <RunProgress run={run} /> : <Outcome run={run} />}</td>
      <td className={classes.labelers} data-wide>
        <Labelers labelers={run.labelers} />
      </td>
      <td data-wide>
        <Moment time={startedAt ?? createdAt} />
      </td>
      <td data-number data-wide>
        {took === null ? '–' : duration(took)}
      </td>
      <td data-number>
        {mayRun && isUnderWay(run) && (
          <Button variant="default" onClick={() => void cancelRun(project.id, run)} aria-label={`Cancel run ${number}`}>
            Cancel
          </Button>
        )}
      </td>
    </tr>
  );
}

function Outcome({ run: { state, error, results } }: { run: Run }) {
  if (state === 'cancelled') return <Text c="dimmed">the results from before it stay</Text>;
  if (state === 'failed') return <Text lineClamp={2}>{error ?? 'It failed without saying why: see the log of the server'}</Text>;
  return results.map(({ question, items, accepted, waiting, warnings }) => (
    <div key={question}>
      {results.length > 1 && `${question}: `}
      {count(accepted)} accepted{' '}
      <Text span size="xs" c="dimmed">
        {items > 0 && percent(accepted / items)} · {count(waiting)} waiting
        {warnings.length > 0 && ` · ${warnings.length} warning${warnings.length === 1 ? '' : 's'}`}
      </Text>
    </div>
  ));
}

const shown = 3;

function Labelers({ labelers }: { labelers: Run['labelers'] }) {
  const names = labelers.slice(0, shown).map(({ name, version }) => `${name} v${version}`);
  const more = labelers.length - names.length;
  return (
    <Text size="xs" c="dimmed">
      {names.join(', ')}
      {more > 0 && ` and ${more} more`}
    </Text>
  );
}

function Loading() {
  return (
    <Later>
      <Stack gap="sm" aria-label="Loading">
        {[1, 2, 3].map((row) => (
          <Skeleton key={row} h={48} />
        ))}
      </Stack>
    </Later>
  );
}
