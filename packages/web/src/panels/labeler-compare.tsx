import type { Labeler } from '@labelwright/contract/labelers';
import type { LabelerComparison } from '@labelwright/contract/llm';
import { Group, Select, Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, keys } from '../api.ts';
import { LabelChip } from '../design/label-chip.tsx';
import { Later } from '../design/later.tsx';
import { EmptyState, ErrorNotice } from '../design/notices.tsx';
import { count, Estimate, percent, smallDollars } from '../design/numbers.tsx';
import { Section } from '../design/page.tsx';
import page from '../design/page.module.css';
import { useProject, useQuestion } from '../state/project.ts';
import { ConfusionMatrix } from './confusion-matrix.tsx';
import { judgeWords } from './confidence-view.tsx';
import classes from './prompt.module.css';

interface LabelerCompareProps {
  readonly labeler: Labeler;
  readonly others: readonly Labeler[];
}

/** Two labelers, or two versions of one, on the same items. */
export function LabelerCompare({ labeler, others }: LabelerCompareProps) {
  const { id: project } = useProject();
  const earlier = Array.from({ length: labeler.kind === 'asked' ? labeler.version - 1 : 0 }, (_, i) => labeler.version - 1 - i);
  const choices = [
    ...earlier.map((version) => ({ value: `v${version}`, label: `its version ${version}` })),
    ...others.filter(({ question }) => question === labeler.question).map(({ id, name }) => ({ value: String(id), label: name })),
  ];
  const [chosen, setChosen] = useState(choices[0]?.value);
  const query = chosen?.startsWith('v')
    ? { a: labeler.id, b: labeler.id, aVersion: Number(chosen.slice(1)), bVersion: labeler.version }
    : { a: labeler.id, b: Number(chosen) };
  const comparison = useQuery({
    queryKey: [...keys.labelers(project), 'compare', query],
    queryFn: () => api.compareLabelers({ params: { project }, query }),
    enabled: chosen !== undefined,
    retry: false,
  });
  if (choices.length === 0)
    return (
      <EmptyState title="There is nothing to compare it with">Add another labeler, or save another version of this prompt.</EmptyState>
    );
  return (
    <>
      <Group align="end">
        <Select
          label={`Compare ${labeler.name} with`}
          w={280}
          data={choices}
          value={chosen ?? null}
          allowDeselect={false}
          searchable={choices.length > 8}
          onChange={(value) => value !== null && setChosen(value)}
        />
      </Group>
      {comparison.error && <ErrorNotice error={comparison.error} retry={() => void comparison.refetch()} />}
      {comparison.isPending && (
        <Later>
          <Skeleton h={200} mt="md" aria-label="Loading" />
        </Later>
      )}
      {comparison.data && <Compared comparison={comparison.data} />}
    </>
  );
}

function Compared({ comparison }: { comparison: LabelerComparison }) {
  const { a, b, both, differ, labels, matrix } = comparison;
  const nameOf = ({ name, version }: LabelerComparison['a']) => (a.name === b.name ? `${name} v${version}` : name);
  if (both === 0)
    return (
      <EmptyState title="They never answered the same item">
        Let both answer: then this shows where they differ, and which of them is right more often.
      </EmptyState>
    );
  return (
    <>
      <div className={page.scroll} style={{ marginTop: 16 }}>
        <table className={page.table} aria-label="Side by side">
          <thead>
            <tr>
              <th scope="col">Labeler</th>
              <th scope="col">Right</th>
              <th scope="col" data-number>
                Answered
              </th>
              <th scope="col" data-number>
                Cost
              </th>
            </tr>
          </thead>
          <tbody>
            {[a, b].map((each) => (
              <tr key={nameOf(each)}>
                <td>{nameOf(each)}</td>
                <td>
                  <Estimate value={each.accuracy} of={`Accuracy of ${nameOf(each)}`} />
                </td>
                <td data-number>{count(each.answered)}</td>
                <td data-number>{each.usd === 0 ? 'free' : smallDollars(each.usd)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Text mt="md">{verdict(comparison, nameOf(a), nameOf(b))}</Text>
      {labels.length <= 24 && (
        <Section
          title="Where they differ"
          note={`${count(differ)} of ${count(both)} items (${percent(differ / both)}); rows: ${nameOf(a)}, columns: ${nameOf(b)}`}
        >
          <ConfusionMatrix labels={labels} matrix={matrix} truth={nameOf(a)} said={nameOf(b)} />
        </Section>
      )}
      <Examples comparison={comparison} />
    </>
  );
}

/** McNemar's test in one sentence. */
function verdict({ mcnemar }: LabelerComparison, a: string, b: string): string {
  if (!mcnemar) return 'Neither gold nor people say yet which of them is right.';
  const { judge, n, onlyA, onlyB, pValue } = mcnemar;
  const counted = `Of ${count(n)} items judged by ${judgeWords[judge]}, ${a} alone is right on ${count(onlyA)}, ${b} alone on ${count(onlyB)}`;
  const chance = pValue < 0.001 ? 'p < 0.001' : `p = ${pValue.toFixed(3)}`;
  if (pValue < 0.05) return `${counted}: ${onlyA > onlyB ? a : b} is better, and that is hardly chance (McNemar, ${chance}).`;
  return `${counted}: that may well be chance (McNemar, ${chance}).`;
}

function Examples({ comparison: { examples, a, b } }: { comparison: LabelerComparison }) {
  const { id: project } = useProject();
  const question = useQuestion();
  if (examples.length === 0) return null;
  const chips = (labels: readonly string[]) =>
    labels.length === 0 ? 'none' : labels.map((label) => <LabelChip key={label} question={question} label={label} />);
  return (
    <Section title="Examples that differ">
      <div className={page.scroll}>
        <table className={page.table} aria-label="Examples that differ">
          <thead>
            <tr>
              <th scope="col">Item</th>
              <th scope="col">{a.name === b.name ? `v${a.version}` : a.name}</th>
              <th scope="col">{a.name === b.name ? `v${b.version}` : b.name}</th>
              <th scope="col">Right</th>
            </tr>
          </thead>
          <tbody>
            {examples.map((example) => (
              <tr key={example.ordinal}>
                <td className={classes.id}>
                  <Link to="/projects/$project/explore" params={{ project }} search={{ item: example.ordinal }}>
                    {example.id}
                  </Link>
                </td>
                <td>{chips(example.a)}</td>
                <td>{chips(example.b)}</td>
                <td>{example.judge ? chips(example.judge) : '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
