import type { Audit } from '@labelwright/contract/quality';
import type { Exported } from '@labelwright/contract/exports';
import { Button, Checkbox, Group, Radio, Select, Skeleton, Stack, Text } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Later } from '../design/later.tsx';
import { EmptyState, ErrorNotice } from '../design/notices.tsx';
import { count } from '../design/numbers.tsx';
import { Page, Section } from '../design/page.tsx';
import { ExportSample } from '../panels/export-sample.tsx';
import { ExportVersions } from '../panels/export-versions.tsx';
import { FormatTiles } from '../panels/format-tiles.tsx';
import { createExport, type ExportChoice, isBeingMade, useExportPreview, useExports } from '../state/exports.ts';
import { useAudits } from '../state/audits.ts';
import { useMay, useProject } from '../state/project.ts';
import classes from './export.module.css';

const route = getRouteApi('/projects/$project/export');

/** Makes immutable versions, and says before what each format would lose. */
export function ExportPage() {
  const project = useProject();
  const mayExport = useMay('reviewer');
  if (!mayExport) {
    return (
      <Page title="Export">
        <EmptyState title="Exports are for reviewers">Ask a manager of the project to make you one, or to send you a version.</EmptyState>
      </Page>
    );
  }
  if (project.items === 0) {
    return (
      <Page title="Export">
        <EmptyState
          title="There is nothing to export yet"
          action={
            <Button renderRoot={(props) => <Link to="/projects/$project/import" params={{ project: project.id }} {...props} />}>
              Import items
            </Button>
          }
        >
          A version holds the items with their labels, the evidence behind each and a card that says how they came about.
        </EmptyState>
      </Page>
    );
  }
  return <Exports />;
}

function Exports() {
  const project = useProject();
  const { choice, change } = useChoice();
  const versions = useExports(project.id);
  return (
    <Page title="Export">
      <FormatTiles project={project.id} choice={choice} onChoose={(format) => change({ format })} />
      <Section title="What goes in">
        <Choices choice={choice} change={change} />
      </Section>
      <Section title="Sample" note="The first lines as they would stand in the file">
        <ExportSample project={project.id} choice={choice} />
        <Make choice={choice} versions={versions.data} />
      </Section>
      <Section title="Versions" note="Immutable: a version never changes once it is made">
        <News versions={versions.data} />
        {versions.error && <ErrorNotice error={versions.error} retry={() => void versions.refetch()} />}
        {versions.isPending && (
          <Later>
            <Skeleton h={80} aria-label="Loading" />
          </Later>
        )}
        {versions.data?.length === 0 && (
          <Text c="dimmed">None yet. The first one that you create stands here, with its data set card.</Text>
        )}
        {versions.data && <ExportVersions project={project.id} versions={versions.data} />}
      </Section>
    </Page>
  );
}

/** The choice is in the URL: reloaded or sent on, it is the same. */
function useChoice() {
  const { schema } = useProject();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const choice: ExportChoice = {
    format: search.format ?? 'jsonl',
    question: schema.questions.find(({ id }) => id === search.question)?.id ?? schema.questions[0].id,
    include: search.include ?? 'all',
    votes: search.votes ?? true,
    fields: search.fields ?? true,
    reasons: search.reasons ?? false,
  };
  const change = (part: Partial<ExportChoice>) =>
    void navigate({ search: (before) => ({ ...before, ...part }), replace: true, resetScroll: false });
  return { choice, change };
}

interface ChoicesProps {
  readonly choice: ExportChoice;
  readonly change: (part: Partial<ExportChoice>) => void;
}

function Choices({ choice, change }: ChoicesProps) {
  const { schema } = useProject();
  return (
    <div className={classes.choices}>
      {schema.questions.length > 1 && (
        <Select
          label="Question"
          data={schema.questions.map(({ id, title }) => ({ value: id, label: title }))}
          value={choice.question}
          onChange={(question) => question && change({ question })}
          allowDeselect={false}
        />
      )}
      <Radio.Group label="Items" value={choice.include} onChange={(include) => change({ include })}>
        <Group gap="lg" mt={6}>
          <Radio size="xs" value="all" label="All" />
          <Radio size="xs" value="accepted" label="Accepted" />
          <Radio size="xs" value="answered" label="Answered by people" />
        </Group>
      </Radio.Group>
      <Checkbox.Group
        label="With"
        value={[...(choice.votes ? ['votes'] : []), ...(choice.fields ? ['fields'] : []), ...(choice.reasons ? ['reasons'] : [])]}
        onChange={(parts) =>
          change({ votes: parts.includes('votes'), fields: parts.includes('fields'), reasons: parts.includes('reasons') })
        }
      >
        <Group gap="lg" mt={6}>
          <Checkbox size="xs" value="votes" label="Votes and evidence" />
          <Checkbox size="xs" value="fields" label="Fields of the items" />
          {choice.format === 'jsonl' && choice.votes && <Checkbox size="xs" value="reasons" label="Why each labeler voted so" />}
        </Group>
      </Checkbox.Group>
    </div>
  );
}

function Make({ choice, versions }: { choice: ExportChoice; versions: readonly Exported[] | undefined }) {
  const { id: project } = useProject();
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>();
  const preview = useExportPreview(project, choice, 0);
  const items = preview.data?.items;
  const make = async () => {
    setBusy(true);
    setFault(undefined);
    await createExport(project, choice).catch(setFault);
    setBusy(false);
  };
  return (
    <Stack gap="xs" mt="lg">
      <CertificateLine question={choice.question} />
      <div className={classes.make}>
        <Button onClick={() => void make()} loading={isBusy} disabled={items === 0}>
          Create version {(versions?.[0]?.number ?? 0) + 1}
        </Button>
        {items !== undefined && (
          <Text span c="dimmed">
            {items === 0 ? 'No item matches this choice: take another above.' : `${count(items)} items`}
          </Text>
        )}
      </div>
      {fault !== undefined && <ErrorNotice error={fault} />}
    </Stack>
  );
}

function whyNot(last: Audit | undefined): string {
  if (last?.state === 'void' && last.reason !== null) return last.reason;
  if (last?.state === 'open') return 'an audit of the accepted labels is under way';
  if (last?.state === 'not-certified') return 'the audit of the accepted labels has proved nothing yet';
  return 'no random sample of the accepted labels was checked by people';
}

/** Whether the card will say that somebody checked. */
function CertificateLine({ question }: { question: string }) {
  const { id: project } = useProject();
  const audits = useAudits(project, question);
  if (!audits.data) return null;
  const holding = audits.data.find(({ certificate }) => certificate?.state === 'valid')?.certificate;
  if (holding) {
    return (
      <Text>
        <b>Certified</b>: {holding.text}. The data set card says so.
      </Text>
    );
  }
  const [last] = audits.data;
  const isOpen = last?.state === 'open';
  return (
    <Group gap="sm">
      <Text c="dimmed">
        <b>Not certified</b>: {whyNot(last)}.
      </Text>
      <Button
        variant="default"
        renderRoot={(props) =>
          isOpen ? (
            <Link to="/projects/$project/label" params={{ project }} search={{ audit: last.id }} {...props} />
          ) : (
            <Link to="/projects/$project/quality" params={{ project }} search={{}} {...props} />
          )
        }
      >
        {isOpen ? 'Go on with the audit' : 'Prove it by an audit'}
      </Button>
    </Group>
  );
}

/** What the newest version is about, for screen readers. */
function News({ versions }: { versions: readonly Exported[] | undefined }) {
  const newest = versions?.[0];
  return (
    <div className="lw-hidden" role="status">
      {newest &&
        `Version ${newest.number} is ${isBeingMade(newest) ? 'being made' : newest.state === 'done' ? 'ready to download' : 'not made'}`}
    </div>
  );
}
