import { NativeSelect } from '@mantine/core';
import { IconArrowBackUp, IconArrowForwardUp } from '@tabler/icons-react';
import { ActionIcon, Tooltip } from '@mantine/core';
import { LabelChip } from '../design/label-chip.tsx';
import { count } from '../design/numbers.tsx';
import { answeredPlaces, type Place, type Said, waitingPlaces } from '../state/bench.ts';
import type { Question } from '../state/label-tree.ts';
import type { Order } from '../state/queue-supply.ts';
import type { Workbench, WorkbenchState } from '../state/workbench.ts';
import classes from './label-queue.module.css';

interface LabelQueueProps {
  readonly workbench: Workbench;
  readonly state: WorkbenchState;
  readonly question: Question;
  readonly order: Order;
  /** Undefined where the order is not to be chosen: in an audit. */
  readonly onOrder: ((order: Order, question: string) => void) | undefined;
  /** All questions of the project, where there are several: each has a queue. */
  readonly questions: readonly Question[];
}

const shownWaiting = 6;
const shownAnswered = 30;

/** What comes next and why, what was answered last, and how the work goes. */
export function LabelQueue({ workbench, state, question, questions, order, onOrder }: LabelQueueProps) {
  const { bench, figures, waiting } = state;
  const next = waitingPlaces(bench).slice(0, shownWaiting);
  const last = answeredPlaces(bench).slice(-shownAnswered).reverse();
  return (
    <nav className={classes.queue} aria-label="Queue">
      <div className={classes.head}>
        <h2 className={classes.title}>
          Next{' '}
          {waiting !== null && waiting > 0 && (
            <span className={classes.muted} title="Items that still want your label">
              {count(waiting)}
            </span>
          )}
        </h2>
        {onOrder && <OrderChoice question={question} questions={questions} order={order} onOrder={onOrder} />}
      </div>
      <ol className={classes.next}>
        {next.map((place) => (
          <QueueRow key={place.ordinal} place={place} workbench={workbench} state={state} question={question} />
        ))}
      </ol>
      <h2 className={classes.title}>Last</h2>
      <ol className={classes.last}>
        {last.length === 0 && <li className={classes.muted}>What you answer shows up here.</li>}
        {last.map((place) => (
          <QueueRow key={place.ordinal} place={place} workbench={workbench} state={state} question={question} />
        ))}
      </ol>
      <div className={classes.foot}>
        <span>
          {count(figures.done)} done
          {figures.secondsPerItem !== null && ` · ${figures.secondsPerItem.toFixed(1)} s/item`}
        </span>
        <span className={classes.steps}>
          <Tooltip label="Undo">
            <ActionIcon variant="transparent" color="gray" aria-label="Undo" disabled={!state.canUndo} onClick={() => workbench.undo()}>
              <IconArrowBackUp size={16} aria-hidden />
            </ActionIcon>
          </Tooltip>
          <Tooltip label="Redo">
            <ActionIcon variant="transparent" color="gray" aria-label="Redo" disabled={!state.canRedo} onClick={() => workbench.redo()}>
              <IconArrowForwardUp size={16} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </span>
      </div>
    </nav>
  );
}

const orders = [
  { value: 'uncertainty', label: 'uncertain' },
  { value: 'random', label: 'random' },
  { value: 'oldest', label: 'oldest' },
] as const;

type OrderChoiceProps = Pick<LabelQueueProps, 'question' | 'questions' | 'order'> & {
  readonly onOrder: NonNullable<LabelQueueProps['onOrder']>;
};

/** Which items come next. With several questions: those that one of them is uncertain of; the others are answered along. */
function OrderChoice({ question, questions, order, onOrder }: OrderChoiceProps) {
  const isOne = questions.length < 2;
  const choices = questions.flatMap(({ id, title }) =>
    orders.map(({ value, label }) => ({ value: `${value} ${id}`, label: isOne ? label : `${label} in: ${title}`, order: value, id })),
  );
  return (
    <NativeSelect
      size="xs"
      variant="unstyled"
      aria-label="Order of the queue"
      classNames={{ input: classes.order }}
      attributes={{ input: { 'data-wide': isOne ? undefined : true } }}
      value={`${order} ${question.id}`}
      onChange={(event) => {
        const choice = choices.find(({ value }) => value === event.currentTarget.value);
        if (choice) onOrder(choice.order, choice.id);
      }}
      data={choices
        .filter((choice) => choice.order === 'uncertainty' || choice.id === question.id)
        .map(({ value, label }) => ({ value, label }))}
    />
  );
}

interface QueueRowProps {
  readonly place: Place;
  readonly workbench: Workbench;
  readonly state: WorkbenchState;
  readonly question: Question;
}

function QueueRow({ place, workbench, state, question }: QueueRowProps) {
  const { ordinal, said } = place;
  const found = state.known.get(ordinal);
  const isCurrent = state.bench.current === ordinal;
  return (
    <li>
      <button
        type="button"
        className={classes.row}
        aria-current={isCurrent || undefined}
        onMouseDown={(event) => event.preventDefault()}
        onClick={() => void workbench.open(ordinal)}
      >
        <span className={classes.id}>{state.ids.get(ordinal) ?? `#${ordinal}`}</span>
        {said ? <Answered said={said} question={question} /> : <span className={classes.reason}>{found?.reason ?? 'asked for'}</span>}
        {state.refused.has(ordinal) && <span className={classes.refused}>not taken</span>}
      </button>
    </li>
  );
}

function Answered({ said: { given }, question }: { said: Said; question: Question }) {
  if (given.kind !== 'answer') return <span className={classes.reason}>{given.kind === 'skip' ? 'skipped' : 'flagged'}</span>;
  if (given.labels.length === 0) return <span className={classes.reason}>none applies</span>;
  return (
    <span className={classes.chips}>
      <LabelChip question={question} label={given.labels[0]}>
        {given.labels.length > 1 && ` +${given.labels.length - 1}`}
      </LabelChip>
    </span>
  );
}
