import type { ItemDetail } from '@labelwright/contract/items';
import { IconCheck } from '@tabler/icons-react';
import { type Ref, useEffect, useRef } from 'react';
import { LabelChip } from '../design/label-chip.tsx';
import { furtherOf } from '../state/further-answers.ts';
import type { Question } from '../state/label-tree.ts';
import type { Palette } from '../state/use-palette.ts';
import { AnswerPalette } from './answer-palette.tsx';
import classes from './label-questions.module.css';

/** A question as it stands for the present item. */
export interface AskedQuestion {
  readonly question: Question;
  readonly palette: Palette;
  readonly chosen: readonly string[];
  /** Nothing is chosen, and the person went on knowingly. */
  readonly isPassed: boolean;
}

interface LabelQuestionsProps {
  readonly asked: readonly AskedQuestion[];
  readonly active: string;
  readonly item: ItemDetail | undefined;
  readonly showsEvidence: boolean;
  readonly seekRef: Ref<HTMLInputElement>;
  readonly onActivate: (question: string) => void;
  readonly onPick: (question: string, label: string) => void;
}

/** With more labels than this, only the question that the person is at shows them. */
const mostRows = 8;

/** All questions about the item, one below the other. Keys answer the one that is marked. */
export function LabelQuestions({ asked, active, item, showsEvidence, seekRef, onActivate, onPick }: LabelQuestionsProps) {
  const rows = asked.reduce((sum, { palette }) => sum + palette.visible.length, 0);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector('[data-active]')?.scrollIntoView({ block: 'nearest' });
  }, [active]);
  return (
    <div ref={list}>
      {asked.map((each) => (
        <OneQuestion
          key={each.question.id}
          asked={each}
          item={item}
          isActive={each.question.id === active}
          showsLabels={each.question.id === active || rows <= mostRows}
          showsEvidence={showsEvidence}
          seekRef={each.question.id === active ? seekRef : null}
          onActivate={() => onActivate(each.question.id)}
          onPick={(label) => onPick(each.question.id, label)}
        />
      ))}
    </div>
  );
}

interface OneQuestionProps {
  readonly asked: AskedQuestion;
  readonly item: ItemDetail | undefined;
  readonly isActive: boolean;
  readonly showsLabels: boolean;
  readonly showsEvidence: boolean;
  readonly seekRef: Ref<HTMLInputElement>;
  readonly onActivate: () => void;
  readonly onPick: (label: string) => void;
}

function OneQuestion({ asked, item, isActive, showsLabels, showsEvidence, seekRef, onActivate, onPick }: OneQuestionProps) {
  const { question, palette, chosen } = asked;
  const isClosed = furtherOf(item, question.id)?.isOpen === false;
  return (
    <section
      className={classes.question}
      data-active={isActive || undefined}
      aria-label={question.title}
      aria-current={isActive || undefined}
      onFocusCapture={() => !isActive && onActivate()}
    >
      <button
        type="button"
        className={classes.head}
        aria-expanded={showsLabels}
        onMouseDown={(event) => event.preventDefault()}
        onClick={onActivate}
      >
        <span className={classes.title} dir="auto">
          {question.title}
        </span>
        <Said asked={asked} isClosed={isClosed} showsChips={!showsLabels} />
      </button>
      {showsLabels && (
        <AnswerPalette
          question={question}
          palette={palette}
          chosen={chosen}
          posterior={showsEvidence ? posteriorOf(item, question.id) : null}
          onPick={onPick}
          disabled={!item || isClosed}
          hasKeys={isActive}
          seekRef={seekRef}
        />
      )}
    </section>
  );
}

function Said({
  asked: { question, chosen, isPassed },
  isClosed,
  showsChips,
}: {
  asked: AskedQuestion;
  isClosed: boolean;
  showsChips: boolean;
}) {
  if (isClosed) return <span className={classes.quiet}>answered by others</span>;
  if (chosen.length > 0 && !showsChips) return <IconCheck size={14} className={classes.done} aria-label="answered" />;
  if (chosen.length > 0) {
    return (
      <span className={classes.chips}>
        <LabelChip question={question} label={chosen[0]}>
          {chosen.length > 1 && ` +${chosen.length - 1}`}
        </LabelChip>
      </span>
    );
  }
  if (isPassed) return <span className={classes.quiet}>{question.multiple ? 'none applies' : 'left open'}</span>;
  return null;
}

function posteriorOf(item: ItemDetail | undefined, question: string): ReadonlyMap<string, number> | null {
  const { labels, posterior } = furtherOf(item, question) ?? item ?? {};
  return labels && posterior ? new Map(labels.map((label, index) => [label, posterior[index] ?? 0])) : null;
}
