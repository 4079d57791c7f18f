import type { Spending } from '@labelwright/contract/llm';
import { Button, NumberInput, Progress, Skeleton, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { Later } from '../design/later.tsx';
import { EmptyState, ErrorNotice } from '../design/notices.tsx';
import { count, smallDollars } from '../design/numbers.tsx';
import { Section } from '../design/page.tsx';
import page from '../design/page.module.css';
import { showDone, showFault } from '../design/toasts.tsx';
import { setLimits, useSpending } from '../state/askings.ts';
import { useProject } from '../state/project.ts';
import { Figure, Figures } from './figures.tsx';
import classes from './spending.module.css';

/** The ledger of language models, and what they may spend. */
export function SpendingSettings() {
  const { id: project } = useProject();
  const spending = useSpending(project);
  if (spending.error && !spending.data) return <ErrorNotice error={spending.error} retry={() => void spending.refetch()} />;
  if (!spending.data)
    return (
      <Later>
        <Skeleton h={160} aria-label="Loading" />
      </Later>
    );
  const { usd, budgetUsd, labelers } = spending.data;
  const save = (to: number | null) =>
    setLimits(project, { budgetUsd: to })
      .then(() => showDone(to === null ? 'The project has no budget now' : `The project may spend ${smallDollars(to)}`))
      .catch(showFault);
  return (
    <>
      <div className={classes.top}>
        <Figures>
          <Figure name="Spent on language models">{smallDollars(usd)}</Figure>
          <Figure name="Budget of the project">{budgetUsd === null ? 'none' : smallDollars(budgetUsd)}</Figure>
          {budgetUsd !== null && <Figure name="Left">{smallDollars(Math.max(0, budgetUsd - usd))}</Figure>}
        </Figures>
        <Used usd={usd} budgetUsd={budgetUsd} of="the project" />
        <LimitForm label="Budget of the project" budgetUsd={budgetUsd} onSave={(to) => void save(to)} />
        <Text size="xs" c="dimmed">
          Where it is spent, every asking pauses and says so. Nothing is lost: it goes on when the budget is raised.
        </Text>
      </div>
      <Section title="By labeler" note="what came back, and calls under way at their highest price">
        {labelers.length === 0 ? <NothingSpent /> : <Ledger rows={labelers} />}
      </Section>
    </>
  );
}

function NothingSpent() {
  const { id: project } = useProject();
  return (
    <EmptyState
      title="Nothing has been spent yet"
      action={
        <Button
          variant="default"
          renderRoot={(props) => <Link to="/projects/$project/labelers" params={{ project }} search={{ add: 'llm-prompt' }} {...props} />}
        >
          Add a language model
        </Button>
      }
    >
      Each call to a language model is entered here with its tokens and its price, per labeler.
    </EmptyState>
  );
}

function Ledger({ rows }: { rows: readonly Spending[] }) {
  return (
    <div className={page.scroll} role="region" aria-label="Ledger" tabIndex={0}>
      <table className={page.table} aria-label="Spending by labeler">
        <thead>
          <tr>
            <th scope="col">Labeler</th>
            <th scope="col" data-number>
              Spent
            </th>
            <th scope="col" data-number>
              Answers
            </th>
            <th scope="col" data-number>
              Per answer
            </th>
            <th scope="col" data-number>
              Calls
            </th>
            <th scope="col" data-number>
              Tokens in
            </th>
            <th scope="col" data-number>
              of them cached
            </th>
            <th scope="col" data-number>
              out
            </th>
            <th scope="col">Budget</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <LedgerRow key={row.labeler?.id ?? 0} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function LedgerRow({ row }: { row: Spending }) {
  const { id: project } = useProject();
  const { labeler, usd, openUsd, budgetUsd, calls, answers, inputTokens, cachedInputTokens, outputTokens } = row;
  const save = (to: number | null) =>
    labeler &&
    setLimits(project, { labelers: [{ id: labeler.id, budgetUsd: to }] })
      .then(() =>
        showDone(to === null ? `“${labeler.name}” has no budget of its own now` : `“${labeler.name}” may spend ${smallDollars(to)}`),
      )
      .catch(showFault);
  return (
    <tr>
      <td className={classes.name}>
        {labeler ? (
          <Link to="/projects/$project/labelers" params={{ project }} search={{ look: labeler.id, tab: 'ask' }}>
            {labeler.name}
          </Link>
        ) : (
          <Text c="dimmed">trials, tests, proposals</Text>
        )}
      </td>
      <td data-number>
        {smallDollars(usd)}
        {openUsd > 0 && (
          <Text size="xs" c="dimmed">
            {smallDollars(openUsd)} under way
          </Text>
        )}
      </td>
      <td data-number>{count(answers)}</td>
      <td data-number>{answers > 0 ? smallDollars(usd / answers) : '–'}</td>
      <td data-number>{count(calls)}</td>
      <td data-number>{count(inputTokens)}</td>
      <td data-number>{count(cachedInputTokens)}</td>
      <td data-number>{count(outputTokens)}</td>
      <td className={classes.limit}>
        {labeler && <LimitForm label={`Budget of ${labeler.name}`} isLabelHidden budgetUsd={budgetUsd} onSave={(to) => void save(to)} />}
      </td>
    </tr>
  );
}

export function Used({ usd, budgetUsd, of }: { usd: number; budgetUsd: number | null; of: string }) {
  if (budgetUsd === null) return null;
  const share = Math.min(100, (usd / budgetUsd) * 100);
  return (
    <Progress.Root size={8} className={classes.used ?? ''}>
      <Progress.Section
        value={share}
        color={share >= 100 ? 'red' : 'accent'}
        aria-label={`Spent of the budget of ${of}`}
        aria-valuetext={`${smallDollars(usd)} of ${smallDollars(budgetUsd)}`}
      />
    </Progress.Root>
  );
}

interface LimitFormProps {
  readonly label: string;
  readonly isLabelHidden?: boolean;
  readonly budgetUsd: number | null;
  readonly onSave: (budgetUsd: number | null) => void;
}

function LimitForm({ label, isLabelHidden, budgetUsd, onSave }: LimitFormProps) {
  const [typed, setTyped] = useState<number | string>();
  const value = typed ?? budgetUsd ?? '';
  const next = typeof value === 'number' && value > 0 ? value : null;
  const isChanged = typed !== undefined && next !== budgetUsd;
  const save = (event: FormEvent) => {
    event.preventDefault();
    if (!isChanged) return;
    onSave(next);
    setTyped(undefined);
  };
  return (
    <form className={classes.limitForm} onSubmit={save}>
      <NumberInput
        {...(isLabelHidden ? { 'aria-label': label } : { label })}
        w={isLabelHidden ? 104 : 200}
        prefix="$"
        placeholder="none"
        min={0}
        hideControls
        decimalScale={4}
        value={value}
        onChange={setTyped}
      />
      <Button type="submit" variant="default" disabled={!isChanged} aria-label={`Save: ${label}`}>
        Save
      </Button>
    </form>
  );
}
