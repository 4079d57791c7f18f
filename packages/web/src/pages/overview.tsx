import type { Overview } from '@labelwright/contract/projects';
import { Anchor, Button, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type CSSProperties, type ReactNode, useState } from 'react';
import { api, keys } from '../api.ts';
import { labelStyle, titleOf } from '../design/label-chip.tsx';
import { Later } from '../design/later.tsx';
import { Moment } from '../design/moment.tsx';
import { EmptyState, ErrorNotice } from '../design/notices.tsx';
import { count, dollars, duration, Estimate, percent } from '../design/numbers.tsx';
import { Page, Section } from '../design/page.tsx';
import { AccuracyDots } from '../panels/accuracy-dots.tsx';
import { Figure, Figures } from '../panels/figures.tsx';
import { FunnelBar } from '../panels/funnel-bar.tsx';
import { PosteriorHistogram } from '../panels/posterior-histogram.tsx';
import { QuestionPicker } from '../panels/question-picker.tsx';
import { useLabelers } from '../state/labelers.ts';
import { useAskedQuestion, useMay, useProject, useQuestion } from '../state/project.ts';
import { startRun } from '../state/runs.ts';
import classes from './overview.module.css';

/** A glance of ten seconds: how far it is, and what is best done next. */
export function OverviewPage() {
  const project = useProject();
  const question = useAskedQuestion();
  const mayChange = useMay('manager');
  const overview = useQuery({
    queryKey: question === undefined ? keys.overview(project.id) : [...keys.overview(project.id), question],
    queryFn: () => api.getOverview({ params: { project: project.id }, query: { question } }),
    enabled: project.items > 0,
  });
  if (project.items === 0) {
    return (
      <EmptyState
        title="There is nothing to label yet"
        action={
          mayChange && (
            <Button
              size="sm"
              renderRoot={(props) => <Link to="/projects/$project/import" params={{ project: project.id }} search={{}} {...props} />}
            >
              Import a file
            </Button>
          )
        }
      >
        A file with a row per item is all it takes: CSV, TSV, JSONL, JSON or XLSX, such as <code>id,text</code> and a line for each.
      </EmptyState>
    );
  }
  if (overview.error && !overview.data) return <ErrorNotice error={overview.error} retry={() => void overview.refetch()} />;
  if (!overview.data) {
    return (
      <Later>
        <Stack p="xl" aria-label="Loading">
          <Skeleton h={90} />
          <Skeleton h={64} />
          <Skeleton h={220} />
        </Stack>
      </Later>
    );
  }
  return (
    <Page
      title="Overview"
      actions={
        <>
          <QuestionPicker />
          {mayChange && <ImportLink />}
        </>
      }
    >
      <Funnel overview={overview.data} />
      <NextThing next={overview.data.next} audit={overview.data.audit?.id} />
      <Warnings warnings={overview.data.warnings} />
      <Numbers overview={overview.data} />
      <Charts overview={overview.data} />
    </Page>
  );
}

function ImportLink() {
  const { id } = useProject();
  return (
    <Button
      variant="default"
      renderRoot={(props) => <Link to="/projects/$project/import" params={{ project: id }} search={{}} {...props} />}
    >
      Import more
    </Button>
  );
}

function Funnel({ overview }: { overview: Overview }) {
  const { items, accepted, waiting, reviewed, flagged, secondsPerItem } = overview;
  const rest = Math.max(0, items - accepted - waiting);
  return (
    <section aria-label="Funnel">
      <dl className={classes.flow}>
        <Step name="items" value={items} />
        <Step name="accepted" value={accepted} color="var(--lw-accepted)">
          {items > 0 && percent(accepted / items)}
        </Step>
        <Step name="waiting for people" value={waiting} color="var(--lw-waiting)">
          {waiting > 0 && secondsPerItem !== null && `≈ ${duration(waiting * secondsPerItem)}`}
        </Step>
        {rest > 0 && <Step name="neither yet" value={rest} color="var(--lw-none)" />}
        <Step name="answered by people" value={reviewed} />
        {flagged > 0 && <Step name="flagged" value={flagged} />}
      </dl>
      <FunnelBar items={items} accepted={accepted} waiting={waiting} large />
      <CertificateWords overview={overview} />
    </section>
  );
}

/** What is proven, and what is only expected. */
function CertificateWords({ overview: { accepted, expectedError, certificate, audit } }: { overview: Overview }) {
  const { id: project } = useProject();
  const more = (
    <Anchor inherit renderRoot={(props) => <Link to="/projects/$project/quality" params={{ project }} search={{}} {...props} />}>
      Quality
    </Anchor>
  );
  if (certificate) {
    return (
      <Text size="sm" mt="sm">
        <Text span fw={600}>
          Certified
        </Text>
        : {certificate.text}.{' '}
        <Text span c="dimmed">
          See {more}.
        </Text>
      </Text>
    );
  }
  if (accepted === 0)
    return (
      <Text size="sm" c="dimmed" mt="sm">
        Nothing is accepted yet.
      </Text>
    );
  const why =
    audit?.state === 'void' && audit.reason !== null
      ? `${audit.reason}.`
      : audit?.state === 'open'
        ? `${count(audit.answered)} of ${count(audit.drawn)} audits are answered.`
        : audit?.state === 'not-certified'
          ? `${count(audit.answered)} audits have proved nothing yet.`
          : 'no audit has checked it.';
  return (
    <Text size="sm" c="dimmed" mt="sm">
      Not certified: {percent(expectedError)} of the accepted labels are expected to be wrong, by what the labelers say of each other; {why}{' '}
      See {more}.
    </Text>
  );
}

function Step({ name, value, color, children }: { name: string; value: number; color?: string; children?: ReactNode }) {
  return (
    <div>
      <dt>
        {color && <span className={classes.key} style={{ '--key': color } as CSSProperties} aria-hidden />}
        {name}
      </dt>
      <dd>
        {count(value)} {children && <small>{children}</small>}
      </dd>
    </div>
  );
}

const verbs: Readonly<Record<Overview['next']['action'], string>> = {
  import: 'Import',
  'add-labelers': 'Add labelers',
  run: 'Run',
  label: 'Start labeling',
  'review-flagged': 'Review',
  audit: 'Plan the audit',
  'continue-audit': 'Go on',
  export: 'Export',
};

/** The one accent of the page. */
function NextThing({ next: { action, title, reason }, audit }: { next: Overview['next']; audit: number | undefined }) {
  const { id: project } = useProject();
  const navigate = useNavigate();
  const [isBusy, setBusy] = useState(false);
  const params = { project };
  const start = async () => {
    if (action === 'import') return navigate({ to: '/projects/$project/import', params, search: {} });
    if (action === 'add-labelers') return navigate({ to: '/projects/$project/labelers', params, search: {} });
    if (action === 'label') return navigate({ to: '/projects/$project/label', params, search: {} });
    if (action === 'audit') return navigate({ to: '/projects/$project/quality', params, search: {} });
    if (action === 'continue-audit') return navigate({ to: '/projects/$project/label', params, search: { audit } });
    if (action === 'export') return navigate({ to: '/projects/$project/export', params });
    if (action === 'review-flagged')
      return navigate({ to: '/projects/$project/explore', params, search: { filter: JSON.stringify({ flagged: true }) } });
    setBusy(true);
    const run = await startRun(project);
    setBusy(false);
    if (run) await navigate({ to: '/projects/$project/runs', params, search: { run: run.id } });
  };
  return (
    <section className={classes.next} aria-label="Next best thing">
      <div>
        <Text size="xs" c="dimmed">
          Next
        </Text>
        <div className={classes.nextTitle}>{title}</div>
        <Text c="dimmed">{reason}</Text>
      </div>
      <Button size="sm" className={classes.nextButton} loading={isBusy} onClick={() => void start()}>
        {verbs[action]}
      </Button>
    </section>
  );
}

function Warnings({ warnings }: { warnings: readonly string[] }) {
  if (warnings.length === 0) return null;
  return (
    <section className={classes.warnings} aria-label="Warnings">
      <h2>Worth a look</h2>
      <ul>
        {warnings.map((warning) => (
          <li key={warning}>{warning}</li>
        ))}
      </ul>
    </section>
  );
}

function Numbers({ overview }: { overview: Overview }) {
  const { spend, gold, peopleAgreeWithMachine, run, covered, conflicting, items } = overview;
  const { id: project } = useProject();
  return (
    <Section title="In numbers">
      <Figures>
        <Figure name="Accuracy on gold">
          <Estimate value={gold} of="Accuracy of the labels against gold" />
        </Figure>
        <Figure name="People agree with the machine">
          <Estimate value={peopleAgreeWithMachine} of="How often people said what the machine had said before" />
        </Figure>
        <Figure name="Some labeler votes on">{items > 0 ? percent(covered / items) : '–'}</Figure>
        <Figure name="Labelers disagree on">{items > 0 ? percent(conflicting / items) : '–'}</Figure>
        <Figure name="Spent on people">
          {duration(spend.personSeconds)} · {dollars(spend.personUsd)}
        </Figure>
        <Figure name="Spent on machines">{dollars(spend.machineUsd)}</Figure>
        <Figure name="Last run">
          {run ? (
            <>
              <Anchor
                renderRoot={(props) => <Link to="/projects/$project/runs" params={{ project }} search={{ run: run.id }} {...props} />}
              >
                Run {run.number}
              </Anchor>
              {run.finishedAt && (
                <>
                  , <Moment time={run.finishedAt} />
                </>
              )}
              {run.stale && (
                <Text size="xs" c="dimmed">
                  labelers or items changed since
                </Text>
              )}
            </>
          ) : (
            'none yet'
          )}
        </Figure>
      </Figures>
    </Section>
  );
}

function Charts({ overview }: { overview: Overview }) {
  const mayLook = useMay('reviewer');
  const { confidence, labels } = overview;
  const hasPosterior = [...confidence.accepted, ...confidence.waiting].some((items) => items > 0);
  return (
    <div className={classes.grid}>
      {hasPosterior && (
        <Section title="How sure the answers are" note={<Legend />}>
          <PosteriorHistogram accepted={confidence.accepted} waiting={confidence.waiting} />
        </Section>
      )}
      {mayLook && <LabelerAccuracy />}
      {labels.length > 0 && (
        <Section title="Labels" note="share of all items, as believed now">
          <LabelShares labels={labels} />
        </Section>
      )}
    </div>
  );
}

function Legend() {
  return (
    <>
      {(['accepted', 'waiting'] as const).map((state) => (
        <span key={state} className={classes.legend}>
          <span className={classes.key} style={{ '--key': `var(--lw-${state})` } as CSSProperties} aria-hidden />
          {state}
        </span>
      ))}
    </>
  );
}

function LabelerAccuracy() {
  const { id } = useProject();
  const labelers = useLabelers(id);
  if (labelers.error) return <ErrorNotice error={labelers.error} retry={() => void labelers.refetch()} />;
  return (
    <Section title="Accuracy by labeler" note="with 95 % intervals; hollow: estimated, nothing checked">
      {labelers.data && <AccuracyDots labelers={labelers.data.labelers} />}
    </Section>
  );
}

const shownLabels = 12;

function LabelShares({ labels }: { labels: Overview['labels'] }) {
  const question = useQuestion();
  const highest = Math.max(...labels.map(({ share }) => share), 0.01);
  const shown = [...labels].sort((a, b) => b.share - a.share).slice(0, shownLabels);
  return (
    <>
      <ul className={classes.labels}>
        {shown.map(({ label, share, answered }) => (
          <li key={label} className={classes.label}>
            <Text truncate maw={180}>
              {titleOf(question, label)}
            </Text>
            <div className={classes.bar} style={{ ...labelStyle(question, label), width: `${(share / highest) * 100}%` }} aria-hidden />
            <span>
              {percent(share)}{' '}
              <Text span size="xs" c="dimmed">
                {count(answered)} by people
              </Text>
            </span>
          </li>
        ))}
      </ul>
      {labels.length > shownLabels && (
        <Text size="xs" c="dimmed" mt="xs">
          and {labels.length - shownLabels} more labels
        </Text>
      )}
    </>
  );
}
