import type { Run } from '@labelwright/contract/runs';
import { Alert, Button, Group, SegmentedControl, Skeleton, Text } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { Later } from '../design/later.tsx';
import { Moment } from '../design/moment.tsx';
import { EmptyState, ErrorNotice } from '../design/notices.tsx';
import { duration } from '../design/numbers.tsx';
import { Page, Section } from '../design/page.tsx';
import { useMay, useProject } from '../state/project.ts';
import { cancelRun, comparable, isUnderWay, secondsTaken, startRun } from '../state/runs.ts';
import { RunChanges } from './run-changes.tsx';
import { RunResults } from './run-results.tsx';
import { RunProgress, StateWord } from './run-state.tsx';
import classes from './one-run.module.css';

const route = getRouteApi('/projects/$project/runs');

interface Shown {
  readonly runs: readonly Run[] | undefined;
  readonly run: Run | undefined;
  readonly error: Error | null;
  readonly mayRun: boolean;
}

/** One run: what came out, what it warns of, what it changed. */
export function OneRun({ runs, run, error, mayRun }: Shown) {
  const { id: project } = useProject();
  const navigate = useNavigate();
  const back = <BackToRuns project={project} />;
  useHotkeys([['Escape', () => void navigate({ to: '/projects/$project/runs', params: { project }, search: {} })]]);
  if (error) {
    return (
      <Page title="Run" actions={back}>
        <ErrorNotice error={error} />
      </Page>
    );
  }
  if (!runs) {
    return (
      <Page title="Run" actions={back}>
        <Later>
          <Skeleton h={200} aria-label="Loading" />
        </Later>
      </Page>
    );
  }
  if (!run) {
    return (
      <Page title="Run" actions={back}>
        <EmptyState title="There is no such run" action={back}>
          The link may belong to another project.
        </EmptyState>
      </Page>
    );
  }
  return (
    <Page
      title={`Run ${run.number}`}
      actions={
        <>
          {back}
          {mayRun && <RunButtons project={project} run={run} />}
        </>
      }
    >
      <Facts run={run} />
      <Body run={run} runs={runs} />
    </Page>
  );
}

function BackToRuns({ project }: { project: number }) {
  return (
    <Button
      variant="subtle"
      color="gray"
      renderRoot={(props) => <Link to="/projects/$project/runs" params={{ project }} search={{}} {...props} />}
    >
      All runs
    </Button>
  );
}

function RunButtons({ project, run }: { project: number; run: Run }) {
  const navigate = useNavigate();
  const again = async () => {
    const next = await startRun(project);
    if (next) await navigate({ to: '/projects/$project/runs', params: { project }, search: { run: next.id } });
  };
  return isUnderWay(run) ? (
    <Button variant="default" onClick={() => void cancelRun(project, run)} aria-label={`Cancel run ${run.number}`}>
      Cancel
    </Button>
  ) : (
    <Button variant="default" onClick={() => void again()}>
      Run again
    </Button>
  );
}

function Facts({ run }: { run: Run }) {
  const took = secondsTaken(run);
  return (
    <Group gap="lg" c="dimmed">
      <Text span c="var(--mantine-color-text)">
        <StateWord state={run.state} />
      </Text>
      <span>{run.person}</span>
      <Moment time={run.startedAt ?? run.createdAt} />
      {took !== null && <span>took {duration(took)}</span>}
    </Group>
  );
}

function Body({ run, runs }: { run: Run; runs: readonly Run[] }) {
  if (isUnderWay(run)) {
    return (
      <Section title="Progress" note="The results of the run before stay in use until this one is done.">
        <RunProgress run={run} />
        <Voters run={run} />
      </Section>
    );
  }
  if (run.state === 'failed') {
    return (
      <Alert color="red" title="This run failed" mt="xl">
        <Text className="lw-text">{run.error ?? 'It did not say why: see the log of the server.'}</Text>
        <Text c="dimmed" mt="sm">
          The results of the run before are still in use. Correct what it names, then run again.
        </Text>
      </Alert>
    );
  }
  if (run.state === 'cancelled') {
    return <EmptyState title="This run was cancelled">Nothing came out of it; the results of the run before are still in use.</EmptyState>;
  }
  return <Results run={run} runs={runs} />;
}

function Results({ run, runs }: { run: Run; runs: readonly Run[] }) {
  const project = useProject();
  const mayCompare = useMay('reviewer');
  const { question: wanted, before: against } = route.useSearch();
  const navigate = route.useNavigate();
  const result = run.results.find(({ question }) => question === wanted) ?? run.results[0];
  const question = project.schema.questions.find(({ id }) => id === result?.question);
  const earlier = comparable(runs, run);
  const before = earlier.find(({ id }) => id === against) ?? earlier[0];
  if (!result || !question) return <EmptyState title="No results">The question of this run is no longer part of the project.</EmptyState>;
  const choose = (change: { question?: string; before?: number }) =>
    void navigate({ search: (search) => ({ ...search, ...change }), replace: true });
  return (
    <>
      {run.results.length > 1 && (
        <SegmentedControl
          mt="xl"
          aria-label="Question"
          data={run.results.map(({ question: id }) => ({ value: id, label: titleOf(project.schema, id) }))}
          value={result.question}
          onChange={(id) => choose({ question: id })}
        />
      )}
      <Section title="Results" note={question.title}>
        <RunResults result={result} />
      </Section>
      {mayCompare && before && (
        <RunChanges
          project={project.id}
          question={question}
          run={run}
          earlier={earlier}
          before={before}
          onBefore={(id) => choose({ before: id })}
        />
      )}
      {!before && (
        <Section title="What changed">
          <Text c="dimmed">This is the first run that came through: the next one will be compared with it.</Text>
        </Section>
      )}
      <Section title="Labelers that voted">
        <Voters run={run} />
      </Section>
    </>
  );
}

function Voters({ run: { labelers } }: { run: Run }) {
  const { id: project } = useProject();
  return (
    <ul className={classes.voters}>
      {labelers.map(({ id, name, version }) => (
        <li key={id}>
          <Link to="/projects/$project/labelers" params={{ project }} search={{ edit: id }}>
            {name}
          </Link>{' '}
          <Text span size="xs" c="dimmed">
            version {version}
          </Text>
        </li>
      ))}
    </ul>
  );
}

function titleOf({ questions }: { questions: readonly { id: string; title: string }[] }, id: string): string {
  return questions.find((question) => question.id === id)?.title ?? id;
}
