import { Button, Menu, Skeleton, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Later } from '../design/later.tsx';
import { EmptyState, ErrorNotice } from '../design/notices.tsx';
import { Page, Section } from '../design/page.tsx';
import { ConflictMatrix } from '../panels/conflict-matrix.tsx';
import { LabelerEditor } from '../panels/labeler-editor.tsx';
import { LabelerTable } from '../panels/labeler-table.tsx';
import { QuestionPicker } from '../panels/question-picker.tsx';
import { RuleSuggestions } from '../panels/rule-suggestions.tsx';
import { StartRun } from '../panels/start-run.tsx';
import { type Technique, useLabelers, useTechniques } from '../state/labelers.ts';
import { useMay, useProject, useQuestion } from '../state/project.ts';

const route = getRouteApi('/projects/$project/labelers');

/** Rules, clusters, models, people: one table of everything that votes, and the editor beside it. */
export function LabelersPage() {
  const project = useProject();
  const question = useQuestion();
  const navigate = useNavigate();
  const search = route.useSearch();
  const mayChange = useMay('manager');
  const list = useLabelers(project.id);
  const techniques = useTechniques();
  const go = (to: { edit?: number; add?: string }) =>
    void navigate({ to: '/projects/$project/labelers', params: { project: project.id }, search: to });
  const labelers = list.data?.labelers ?? [];
  const known = techniques.data?.labelers ?? [];
  const edited = labelers.find(({ id }) => id === search.edit);
  const name = edited?.use ?? search.add;
  const technique = known.find((each) => each.name === name);
  const hasComputed = labelers.some(({ kind }) => kind === 'computed');

  return (
    <Page
      title="Labelers"
      actions={
        <>
          <QuestionPicker />
          {mayChange && (
            <>
              <AddMenu techniques={known} isFirst={!hasComputed} onAdd={(add) => go({ add })} />
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
          action={mayChange && <AddMenu techniques={known} isFirst onAdd={(add) => go({ add })} />}
        >
          A labeler votes on many items at once: a rule such as <code>free|win → {question.labels[0].id}</code>, or a classifier that learns
          from what the others agree on. Rules may be wrong now and then: each is weighed by how reliable it turns out to be.
        </EmptyState>
      )}
      {labelers.length > 0 && <LabelerTable labelers={labelers} techniques={known} onEdit={(edit) => go({ edit })} />}
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
          names={new Set(labelers.filter(({ id }) => id !== edited?.id).map((each) => each.name))}
          onClose={() => go({})}
        />
      )}
      {techniques.data && search.add !== undefined && !technique && <Text c="dimmed">There is no technique “{search.add}” here.</Text>}
    </Page>
  );
}

interface AddMenuProps {
  readonly techniques: readonly Technique[];
  readonly isFirst: boolean;
  readonly onAdd: (technique: string) => void;
}

/** Simple things first. */
const usual = ['keywords', 'regex', 'expression', 'decision-table', 'rule-set', 'classifier'];

function AddMenu({ techniques, isFirst, onAdd }: AddMenuProps) {
  const rank = ({ name }: Technique) => (usual.includes(name) ? usual.indexOf(name) : usual.length);
  return (
    <Menu position="bottom-end" width={380}>
      <Menu.Target>
        <Button variant={isFirst ? 'filled' : 'default'} leftSection={<IconPlus size={14} aria-hidden />}>
          Add a labeler
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={480} style={{ overflowY: 'auto' }}>
        {[...techniques]
          .sort((a, b) => rank(a) - rank(b))
          .map((each) => (
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
