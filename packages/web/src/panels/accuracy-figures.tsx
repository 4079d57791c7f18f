import type { Quality, TruthComparison } from '@labelwright/contract/quality';
import { Button, SegmentedControl, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { EmptyState } from '../design/notices.tsx';
import { count, Estimate } from '../design/numbers.tsx';
import { Section } from '../design/page.tsx';
import page from '../design/page.module.css';
import { useProject, useQuestion } from '../state/project.ts';
import type { QualityQuery } from '../state/quality.ts';
import { titleOf } from '../design/label-chip.tsx';
import { ConfusionMatrix } from './confusion-matrix.tsx';
import { Figure, Figures } from './figures.tsx';
import { QualityMissing } from './quality-state.tsx';
import { ReliabilityDiagram } from './reliability-diagram.tsx';
import classes from './accuracy-figures.module.css';

/** The posterior against what is true: what it mixes up, and whether its probabilities mean what they say. */
export function AccuracyFigures({ quality }: { quality: QualityQuery }) {
  const { id: project } = useProject();
  const [against, setAgainst] = useState<'gold' | 'held'>();
  if (!quality.data) return <QualityMissing quality={quality} />;
  const { gold, held, labels, labelers } = quality.data;
  const shown = against ?? (gold ? 'gold' : 'held');
  const compared = shown === 'gold' ? gold : held;
  return (
    <>
      {!gold && !held ? (
        <EmptyState
          title="Nothing to compare with yet"
          action={
            <Button
              renderRoot={(props) => <Link to="/projects/$project/quality" params={{ project }} search={{ tab: 'gold' }} {...props} />}
            >
              Set gold
            </Button>
          }
        >
          Set a few trusted labels, or label some items and run again: then this page shows what the machine mixes up, and whether its 90 %
          are right nine times in ten.
        </EmptyState>
      ) : (
        <>
          <SegmentedControl
            size="xs"
            aria-label="Compare with"
            value={shown}
            onChange={(value) => setAgainst(value)}
            data={[
              { value: 'gold', label: `Gold${gold ? ` (${count(gold.n)})` : ''}`, disabled: !gold },
              { value: 'held', label: `People’s answers${held ? ` (${count(held.n)})` : ''}`, disabled: !held },
            ]}
          />
          <Text size="sm" c="dimmed" mt="sm" maw={720}>
            {shown === 'gold'
              ? 'The present labels of items that nobody answered, against trusted labels, which no run has seen.'
              : 'What the labelers alone would say of the items that people answered, estimated as if nobody had answered. People pick what is uncertain, so this is a harder set than the rest.'}
          </Text>
          {compared && <Compared compared={compared} labels={labels} of={shown} />}
        </>
      )}
      <Section title="Labelers" note="on gold, and where people answered; from the last run, with 95 % intervals">
        {labelers.length === 0 ? <Text c="dimmed">None yet.</Text> : <Labelers labelers={labelers} />}
      </Section>
    </>
  );
}

function Compared({ compared, labels, of }: { compared: TruthComparison; labels: readonly string[]; of: 'gold' | 'held' }) {
  const { accuracy, reliability, matrix, confused } = compared;
  const question = useQuestion();
  const truth = of === 'gold' ? 'gold' : 'people';
  return (
    <>
      <div className={classes.figures}>
        <Figures>
          <Figure name="Right">
            <Estimate value={accuracy} of="Labels that are right" />
          </Figure>
          <Figure name="Promised">{(reliability.meanProbability * 100).toFixed(1)} %</Figure>
          <Figure name="Calibration error">{(reliability.expectedCalibrationError * 100).toFixed(1)} %</Figure>
          <Figure name="Brier score">{reliability.brier.toFixed(3)}</Figure>
        </Figures>
      </div>
      <div className={classes.grid}>
        <Section title="What is mixed up" note={`rows: ${truth}; columns: the machine`}>
          {matrix && labels.length <= 24 ? (
            <ConfusionMatrix labels={labels} matrix={matrix} truth={truth} />
          ) : (
            <Confused confused={confused} />
          )}
        </Section>
        <Section title="Do the probabilities mean what they say" note="dots on the line do; whiskers: 95 %">
          <ReliabilityDiagram reliability={reliability} />
        </Section>
      </div>
      {matrix && labels.length > 2 && confused.length > 0 && (
        <Text size="sm" c="dimmed" mt="sm">
          Most often:{' '}
          {confused
            .slice(0, 3)
            .map(({ truth: there, said, count: n }) => `${titleOf(question, there)} taken for ${titleOf(question, said)} (${count(n)})`)
            .join(', ')}
        </Text>
      )}
    </>
  );
}

function Confused({ confused }: { confused: TruthComparison['confused'] }) {
  const question = useQuestion();
  if (confused.length === 0) return <Text c="dimmed">Nothing: all are right.</Text>;
  return (
    <div className={page.scroll} role="region" aria-label="What is mixed up" tabIndex={0}>
      <table className={page.table} aria-label="What is mixed up">
        <thead>
          <tr>
            <th scope="col">True</th>
            <th scope="col">The machine says</th>
            <th scope="col" data-number>
              Items
            </th>
          </tr>
        </thead>
        <tbody>
          {confused.slice(0, 15).map(({ truth, said, count: n }) => (
            <tr key={`${truth} ${said}`}>
              <td>{titleOf(question, truth)}</td>
              <td>{titleOf(question, said)}</td>
              <td data-number>{count(n)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Labelers({ labelers }: { labelers: Quality['labelers'] }) {
  return (
    <div className={page.scroll} role="region" aria-label="Labelers" tabIndex={0}>
      <table className={page.table} aria-label="Accuracy of labelers">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Kind</th>
            <th scope="col" data-number>
              Votes
            </th>
            <th scope="col">Right on gold</th>
            <th scope="col">Right where people answered</th>
          </tr>
        </thead>
        <tbody>
          {labelers.map(({ id, name, use, voted, gold, people }) => (
            <tr key={id}>
              <td>{name}</td>
              <td>{use}</td>
              <td data-number>{count(voted)}</td>
              <td className={classes.nowrap}>
                <Estimate value={gold} of={`Accuracy of ${name}, against gold,`} />
              </td>
              <td className={classes.nowrap}>
                <Estimate value={people} of={`Accuracy of ${name}, against what people answered,`} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
