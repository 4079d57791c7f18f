import type { Run, RunComparison } from '@labelwright/contract/runs';
import type { SchemaJson } from '@labelwright/contract/schema';
import { Select, Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, keys } from '../api.ts';
import { LabelChip } from '../design/label-chip.tsx';
import { Later } from '../design/later.tsx';
import { ErrorNotice } from '../design/notices.tsx';
import { count, percent } from '../design/numbers.tsx';
import { Section } from '../design/page.tsx';
import page from '../design/page.module.css';
import { Figure, Figures } from './figures.tsx';

type Question = SchemaJson['questions'][number];

interface Compared {
  readonly project: number;
  readonly question: Question;
  readonly run: Run;
  /** What it can be compared with, newest first. */
  readonly earlier: readonly Run[];
  readonly before: Run;
  readonly onBefore: (run: number) => void;
}

/** What a run changed against one before it: the answer to "did my rule help". */
export function RunChanges({ project, question, run, earlier, before, onBefore }: Compared) {
  const changes = useQuery({
    queryKey: [...keys.runs(project), run.id, 'changes', before.id, question.id],
    queryFn: () => api.compareRuns({ params: { project, run: run.id }, query: { before: before.id, question: question.id } }),
  });
  const choice = (
    <Select
      aria-label="Compare with"
      data={earlier.map(({ id, number }) => ({ value: String(id), label: `against run ${number}` }))}
      value={String(before.id)}
      onChange={(value) => value && onBefore(Number(value))}
      allowDeselect={false}
      w={170}
    />
  );
  return (
    <Section title="What changed" actions={choice}>
      {changes.error && <ErrorNotice error={changes.error} retry={() => void changes.refetch()} />}
      {changes.isPending && (
        <Later>
          <Skeleton h={120} />
        </Later>
      )}
      {changes.data && <Changes project={project} question={question} changes={changes.data} />}
    </Section>
  );
}

function Changes({ project, question, changes }: { project: number; question: Question; changes: RunComparison }) {
  const { labelersChanged, newlyAccepted, noLongerAccepted, flips, examples } = changes;
  const flipped = flips.reduce((sum, flip) => sum + flip.count, 0);
  return (
    <>
      <Figures>
        <Figure name="Newly accepted">{count(newlyAccepted)}</Figure>
        <Figure name="No longer accepted">{count(noLongerAccepted)}</Figure>
        <Figure name="Answer flipped">{count(flipped)}</Figure>
        <Figure name="Labelers">
          {labelersChanged.length === 0 ? 'the same' : labelersChanged.map(({ name, change }) => `${name} ${change}`).join(', ')}
        </Figure>
      </Figures>
      {flips.length === 0 ? (
        <Text c="dimmed" mt="md">
          No answer flipped.
        </Text>
      ) : (
        <Flips project={project} question={question} changes={changes} />
      )}
      {examples.length > 0 && <Examples project={project} question={question} examples={examples} />}
    </>
  );
}

function Flips({ project, question, changes }: { project: number; question: Question; changes: RunComparison }) {
  const { flips, before, after } = changes;
  return (
    <div className={page.scroll}>
      <table className={page.table} aria-label="Flips" style={{ width: 'auto', marginTop: 16 }}>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col" data-number>
              Items
            </th>
          </tr>
        </thead>
        <tbody>
          {flips.map(({ from, to, count: items }) => (
            <tr key={`${from}→${to}`}>
              <td>
                <LabelChip question={question} label={from} />
              </td>
              <td>
                <LabelChip question={question} label={to} />
              </td>
              <td data-number>
                <Link
                  to="/projects/$project/explore"
                  params={{ project }}
                  search={{ filter: { flipped: { before, after, from, to } } }}
                  aria-label={`Explore the ${items} that went from ${from} to ${to}`}
                >
                  {count(items)}
                </Link>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Examples({ project, question, examples }: { project: number; question: Question; examples: RunComparison['examples'] }) {
  return (
    <div className={page.scroll}>
      <table className={page.table} aria-label="Items that flipped" style={{ marginTop: 16 }}>
        <thead>
          <tr>
            <th scope="col">Item</th>
            <th scope="col">Before</th>
            <th scope="col">After</th>
            <th scope="col">
              <span className="lw-hidden">Look at it</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {examples.map(({ ordinal, id, from, to, before, after }) => (
            <tr key={ordinal}>
              <td style={{ overflowWrap: 'anywhere' }}>{id}</td>
              <td>
                <LabelChip question={question} label={from} /> {percent(before)}
              </td>
              <td>
                <LabelChip question={question} label={to} /> {percent(after)}
              </td>
              <td data-number>
                <Link to="/projects/$project/explore" params={{ project }} search={{ item: ordinal }} aria-label={`Explore ${id}`}>
                  Explore
                </Link>{' '}
                <Link to="/projects/$project/label" params={{ project }} search={{ item: ordinal }} aria-label={`Label ${id}`}>
                  Label
                </Link>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
