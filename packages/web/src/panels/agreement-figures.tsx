import type { AgreementFigure, Quality } from '@labelwright/contract/quality';
import { Button, Text, Tooltip } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { EmptyState } from '../design/notices.tsx';
import { count, Estimate, percent } from '../design/numbers.tsx';
import { Section } from '../design/page.tsx';
import page from '../design/page.module.css';
import { useProject } from '../state/project.ts';
import type { QualityQuery } from '../state/quality.ts';
import { Figure, Figures } from './figures.tsx';
import { QualityMissing } from './quality-state.tsx';
import classes from './audit-desk.module.css';

/** How far people say the same: as each other, and as the machine had said before. */
export function AgreementFigures({ quality }: { quality: QualityQuery }) {
  const { id: project, settings } = useProject();
  if (!quality.data) return <QualityMissing quality={quality} />;
  const { people, peopleAgreeWithMachine } = quality.data;
  if (people.answers === 0) {
    return (
      <EmptyState
        title="Nobody has answered yet"
        action={
          <Button renderRoot={(props) => <Link to="/projects/$project/label" params={{ project }} search={{}} {...props} />}>
            Start labeling
          </Button>
        }
      >
        Agreement is measured where two people answer the same item, and where one answers what the machine had answered before.
      </EmptyState>
    );
  }
  return (
    <>
      <Figures>
        <Figure name="People say what the machine had said">
          <Estimate value={peopleAgreeWithMachine} of="How often people said what the machine had said before" />
        </Figure>
        <Figure name="People say the same">
          <Agreement value={people.measures.percent} of="Share of pairs of people who say the same" isShare />
        </Figure>
        <Figure name="Krippendorff’s α">
          <Agreement value={people.measures.alpha} of="Agreement beyond chance, all people at once" />
        </Figure>
        <Figure name="Gwet’s AC1">
          <Agreement value={people.measures.ac1} of="Agreement beyond chance, steady where one label is frequent" />
        </Figure>
        <Figure name="Items with two answers or more">
          {count(people.overlaps)} of {count(people.items)}
        </Figure>
      </Figures>
      {people.overlaps === 0 && (
        <Text c="dimmed" mt="lg" maw={640}>
          No item has answers of two people.{' '}
          {settings.overlap === 1
            ? 'With “people per item” above 1 in the settings, some items are asked twice.'
            : `The settings ask for ${settings.overlap} people per item: agreement shows up with the second.`}
        </Text>
      )}
      <Section title="People" note="with 95 % intervals">
        <Persons persons={people.persons} />
      </Section>
      {people.pairs.length > 0 && (
        <Section title="Pairs of people" note="those with the most items in common first">
          <Pairs pairs={people.pairs} />
        </Section>
      )}
    </>
  );
}

/** A coefficient with its bootstrap interval, or why there is none. */
function Agreement({ value, of, isShare }: { value: AgreementFigure; of: string; isShare?: boolean }) {
  const show = (figure: number) => (isShare ? percent(figure) : figure.toFixed(2));
  if (value.kind === 'measured') {
    return (
      <Tooltip
        label={`${of}: between ${show(value.low)} and ${show(value.high)}, on ${count(value.overlaps)} items (bootstrap, 95 %)`}
        multiline
        maw={320}
      >
        <Text span inherit tabIndex={0}>
          {show(value.value)}{' '}
          <Text span c="dimmed" size="xs">
            ± {isShare ? ((value.high - value.low) * 50).toFixed(1) : ((value.high - value.low) / 2).toFixed(2)}
          </Text>
        </Text>
      </Tooltip>
    );
  }
  const why =
    value.kind === 'undefined'
      ? value.reason
      : `It takes ${value.needed} items in common, there ${value.overlaps === 1 ? 'is 1' : `are ${value.overlaps}`}`;
  return (
    <Tooltip label={why} multiline maw={320}>
      <Text span inherit c="dimmed" tabIndex={0}>
        –
      </Text>
    </Tooltip>
  );
}

function Persons({ persons }: { persons: Quality['people']['persons'] }) {
  return (
    <div className={page.scroll} role="region" aria-label="People" tabIndex={0}>
      <table className={page.table} aria-label="People">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col" data-number>
              Answers
            </th>
            <th scope="col" data-number>
              Seconds per item
            </th>
            <th scope="col">Say what the others say</th>
            <th scope="col">Right on gold</th>
          </tr>
        </thead>
        <tbody>
          {persons.map(({ id, name, answers, secondsPerItem, withRest, gold }) => (
            <tr key={id}>
              <td className={classes.name}>{name}</td>
              <td data-number>{count(answers)}</td>
              <td data-number>{secondsPerItem === null ? '–' : secondsPerItem.toFixed(1)}</td>
              <td className={classes.name}>
                <Agreement value={withRest} of={`How often ${name} says what the others say`} isShare />
              </td>
              <td className={classes.name}>
                <Estimate value={gold} of={`Accuracy of ${name}, against gold,`} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Pairs({ pairs }: { pairs: Quality['people']['pairs'] }) {
  return (
    <div className={page.scroll} role="region" aria-label="Pairs of people" tabIndex={0}>
      <table className={page.table} aria-label="Pairs of people">
        <thead>
          <tr>
            <th scope="col">Pair</th>
            <th scope="col" data-number>
              In common
            </th>
            <th scope="col">Say the same</th>
            <th scope="col">Cohen’s κ</th>
          </tr>
        </thead>
        <tbody>
          {pairs.map(({ a, b, overlaps, percent: same, kappa }) => (
            <tr key={`${a} ${b}`}>
              <td className={classes.name}>
                {a} and {b}
              </td>
              <td data-number>{count(overlaps)}</td>
              <td className={classes.name}>
                <Agreement value={same} of="Share of common items on which both say the same" isShare />
              </td>
              <td className={classes.name}>
                <Agreement value={kappa} of="Agreement beyond chance" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
