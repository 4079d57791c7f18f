import { Button, Menu, Skeleton, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { Later } from '../design/later.tsx';
import { EmptyState, ErrorNotice } from '../design/notices.tsx';
import { Page, Section } from '../design/page.tsx';
import { AskingList } from '../panels/asking-list.tsx';
import { ConflictMatrix } from '../panels/conflict-matrix.tsx';
import type { DeskTab } from '../panels/labeler-desk.tsx';
import { LabelerEditor } from '../panels/labeler-editor.tsx';
import { LabelerTable } from '../panels/labeler-table.tsx';
import { QuestionPicker } from '../panels/question-picker.tsx';
import { RuleSuggestions } from '../panels/rule-suggestions.tsx';
import { StartRun } from '../panels/start-run.tsx';
import { isOpen, useAskings } from '../state/askings.ts';
import { type Technique, useLabelers, useTechniques } from '../state/labelers.ts';
import { useMay, useProject, useQuestion } from '../state/project.ts';

const route = getRouteApi('/projects/$project/labelers');

/** Most projects have no language model: their panels come when one is opened. */
const AskedEditor = lazy(() => import('../panels/asked-editor.tsx').then((module) => ({ default: module.AskedEditor })));
const LabelerDesk = lazy(() => import('../panels/labeler-desk.tsx').then((module) => ({ default: module.LabelerDesk })));

/** Rules, clusters, models, people: one table of everything that votes, and the editor beside it. */
export function LabelersPage() {
  const project = useProject();
  const question = useQuestion();
  const navigate = useNavigate();
  const search = route.useSearch();
  const mayChange = useMay('manager');
  const list = useLabelers(project.id);
  const techniques = useTechniques();
  const go = (to: { edit?: number; add?: string; look?: number; tab?: DeskTab | undefined }) =>
    void navigate({ to: '/projects/$project/labelers', params: { project: project.id }, search: to });
  const labelers = list.data?.labelers ?? [];
  const known = techniques.data?.labelers ?? [];
  const edited = labelers.find(({ id }) => id === search.edit);
  const name = edited?.use ?? search.add;
  const technique = known.find((each) => each.name === name);
  const asked = techniques.data?.asked ?? [];
  const askedTechnique = asked.find((each) => each.name === name);
  const looked = labelers.find(({ id }) => id === search.look);
  const askings = useAskings(project.id, useMay('reviewer') && labelers.some(({ kind }) => kind === 'asked'));
  const open = askings.data?.filter(isOpen) ?? [];
  const otherNames = new Set(labelers.filter(({ id }) => id !== edited?.id).map((each) => each.name));
  const hasComputed = labelers.some(({ kind }) => kind === 'computed' || kind === 'asked');

  return (
    <Page
      title="Labelers"
      actions={
        <>
          <QuestionPicker />
          {mayChange && (
            <>
              <AddMenu techniques={known} asked={asked} isFirst={!hasComputed} onAdd={(add) => go({ add })} />
              {hasComputed && <StartRun project={project.id} disabled={project.items === 0} />}
            </>
          )}
        </>
      }
    >
      {list.error && <ErrorNotice error={list.error} retry={() => void list.refetch()} />}
      {techniques.error && <ErrorNotice error={techniques.error} retry={() => void techniques.refetch()} />}
      {list.isPending && (
        <Later>
          <Stack gap="sm" aria-label="Loading">
            {[1, 2, 3, 4].map((row) => (
              <Skeleton key={row} h={40} />
            ))}
          </Stack>
        </Later>
      )}
      {list.data && !hasComputed && (
        <EmptyState
          title="Nothing labels by itself yet"
          action={mayChange && <AddMenu techniques={known} asked={asked} isFirst onAdd={(add) => go({ add })} />}
        >
          A labeler votes on many items at once: a rule such as <code>free|win → {question.labels[0].id}</code>, or a classifier that learns
          from what the others agree on. Rules may be wrong now and then: each is weighed by how reliable it turns out to be.
        </EmptyState>
      )}
      {open.length > 0 && (
        <section aria-label="Being asked" style={{ marginBottom: 24 }}>
          <AskingList askings={open} />
        </section>
      )}
      {labelers.length > 0 && (
        <LabelerTable labelers={labelers} techniques={known} onEdit={(edit) => go({ edit })} onLook={(look, tab) => go({ look, tab })} />
      )}
      {list.data && list.data.matrix.length > 1 && (
        <Section title="Conflicts" note="of 100 items on which both vote, so many get different labels">
          <ConflictMatrix names={list.data.matrix} overlaps={list.data.overlaps} conflicts={list.data.conflicts} />
        </Section>
      )}
      {project.items > 0 && mayChange && <RuleSuggestions names={new Set(labelers.map((each) => each.name))} />}
      {technique && (search.edit === undefined || edited) && (
        <LabelerEditor
          key={`${search.edit ?? ''} ${search.add ?? ''} ${search.term ?? ''} ${search.label ?? ''}`}
          technique={technique}
          labeler={edited}
          prefill={search}
          names={otherNames}
          onClose={() => go({})}
        />
      )}
      <Suspense>
        {askedTechnique && (search.edit === undefined || edited) && mayChange && (
          <AskedEditor
            key={`${search.edit ?? ''} ${search.add ?? ''} ${question.id}`}
            technique={askedTechnique}
            labeler={edited}
            names={otherNames}
            onClose={() => go({})}
            onAsk={(look) => go({ look, tab: 'ask' })}
          />
        )}
        {looked && (
          <LabelerDesk
            key={looked.id}
            labeler={looked}
            others={labelers.filter(({ id }) => id !== looked.id)}
            tab={search.tab}
            onTab={(tab) => go({ look: looked.id, tab })}
            onEdit={() => go({ edit: looked.id })}
            onClose={() => go({})}
          />
        )}
      </Suspense>
      {techniques.data && search.add !== undefined && !technique && !askedTechnique && (
        <Text c="dimmed">There is no technique “{search.add}” here.</Text>
      )}
    </Page>
  );
}

interface AddMenuProps {
  readonly techniques: readonly Technique[];
  readonly asked: readonly Pick<Technique, 'name' | 'title' | 'summary'>[];
  readonly isFirst: boolean;
  readonly onAdd: (technique: string) => void;
}

/** Simple things first. */
const usual = ['keywords', 'regex', 'expression', 'decision-table', 'rule-set', 'classifier'];

function AddMenu({ techniques, asked, isFirst, onAdd }: AddMenuProps) {
  const rank = ({ name }: Technique) => (usual.includes(name) ? usual.indexOf(name) : usual.length);
  const computed = techniques.toSorted((a, b) => rank(a) - rank(b));
  return (
    <Menu position="bottom-end" width={380}>
      <Menu.Target>
        <Button variant={isFirst ? 'filled' : 'default'} leftSection={<IconPlus size={14} aria-hidden />}>
          Add a labeler
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={480} style={{ overflowY: 'auto' }}>
        {[...computed.slice(0, 2), ...asked, ...computed.slice(2)].map((each) => (
          <Menu.Item key={each.name} onClick={() => onAdd(each.name)} aria-label={each.title}>
            <Text fw={550}>{each.title}</Text>
            <Text size="xs" c="dimmed">
              {each.summary}
            </Text>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
