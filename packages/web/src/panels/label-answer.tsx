import type { ItemDetail } from '@labelwright/contract/items';
import { Button, Checkbox, TextInput } from '@mantine/core';
import { type MouseEvent, type Ref, useMemo, useState } from 'react';
import { EvidenceList } from '../design/evidence-list.tsx';
import type { Question } from '../state/label-tree.ts';
import type { Palette } from '../state/use-palette.ts';
import { AnswerPalette } from './answer-palette.tsx';
import { KeyHint } from './key-hint.tsx';
import { type AskedQuestion, LabelQuestions } from './label-questions.tsx';
import classes from './label-desk.module.css';

interface LabelAnswerProps {
  readonly question: Question;
  readonly palette: Palette;
  /** Under the question that the person is at. */
  readonly item: ItemDetail | undefined;
  readonly whole: ItemDetail | undefined;
  readonly chosen: readonly string[];
  readonly showsEvidence: boolean;
  /** Somebody tried to submit without a label. */
  readonly isMissing: boolean;
  readonly isAtOnce: boolean;
  readonly isFlagging: boolean;
  /** Keys of labels: commands that have the same are called by their next one. */
  readonly taken: ReadonlySet<string>;
  readonly seekRef: Ref<HTMLInputElement>;
  /** All questions, where there are several; `question` is the one that the person is at. */
  readonly asked: readonly AskedQuestion[];
  readonly onActivate: (question: string) => void;
  readonly onPick: (label: string, question?: string) => void;
  readonly onSubmit: () => void;
  readonly onSkip: () => void;
  readonly onFlag: (note: string) => void;
  readonly onFlagging: (is: boolean) => void;
  readonly onAtOnce: (is: boolean) => void;
  readonly onEvidence: () => void;
  readonly onGuidelines: () => void;
  readonly onKeys: () => void;
  readonly onPoint: (labeler: string | undefined) => void;
}

/** What can be said about the item, and who says what already. */
export function LabelAnswer(props: LabelAnswerProps) {
  const { question, palette, item, chosen, showsEvidence, taken } = props;
  const isSeveral = props.asked.length > 1;
  const posterior = useMemo(
    () => (item?.posterior ? new Map(item.labels.map((label, index) => [label, item.posterior?.[index] ?? 0])) : null),
    [item],
  );
  return (
    <aside className={classes.answer} aria-label="Answer">
      <div className={classes.palette} data-several={isSeveral || undefined}>
        {isSeveral ? (
          <LabelQuestions
            asked={props.asked}
            active={question.id}
            item={props.whole}
            showsEvidence={showsEvidence}
            seekRef={props.seekRef}
            onActivate={props.onActivate}
            onPick={(id, label) => props.onPick(label, id)}
          />
        ) : (
          <>
            <h2 className={classes.question} dir="auto">
              {question.title}
            </h2>
            <AnswerPalette
              question={question}
              palette={palette}
              chosen={chosen}
              posterior={showsEvidence ? posterior : null}
              onPick={props.onPick}
              disabled={!item}
              seekRef={props.seekRef}
            />
          </>
        )}
        <div className={classes.hint}>
          <span data-missing={props.isMissing || undefined} role={props.isMissing ? 'alert' : undefined}>
            {hintFor(props)}
          </span>
          {!question.multiple && (
            <Checkbox
              size="xs"
              label="Choosing submits"
              checked={props.isAtOnce}
              onChange={(event) => {
                props.onAtOnce(event.currentTarget.checked);
                event.currentTarget.blur();
              }}
            />
          )}
        </div>
      </div>
      <section className={classes.evidence} aria-label="Evidence">
        <div className={classes.evidenceHead}>
          <h2 className={classes.small} dir="auto">
            Evidence{isSeveral && <span className={classes.of}> · {question.title}</span>}
          </h2>
          {item?.evidence && (
            <Button
              variant="subtle"
              color="gray"
              size="compact-xs"
              fw={400}
              aria-expanded={showsEvidence}
              rightSection={<KeyHint of="evidence" taken={taken} />}
              onClick={props.onEvidence}
            >
              {showsEvidence ? 'Hide' : 'Show'}
            </Button>
          )}
        </div>
        <Evidence item={item} question={question} isShown={showsEvidence} onPoint={props.onPoint} />
      </section>
      <Actions {...props} />
    </aside>
  );
}

function Evidence({
  item,
  question,
  isShown,
  onPoint,
}: Pick<LabelAnswerProps, 'item' | 'question' | 'onPoint'> & { readonly isShown: boolean }) {
  if (!item) return null;
  if (item.evidence === null) return <p className={classes.quiet}>Hidden here, so that your answer is your own.</p>;
  if (!isShown) return <p className={classes.quiet}>Hidden: bars, highlights and votes.</p>;
  return <EvidenceList evidence={item.evidence} question={question} onPoint={onPoint} />;
}

function Actions(props: LabelAnswerProps) {
  const { item, isFlagging, taken } = props;
  const keepFocus = { onMouseDown: (event: MouseEvent) => event.preventDefault(), disabled: !item };
  return (
    <div className={classes.actions}>
      {isFlagging && <FlagForm onFlag={props.onFlag} close={() => props.onFlagging(false)} />}
      <Button fullWidth size="sm" {...keepFocus} rightSection={<KeyHint of="submit" taken={taken} />} onClick={props.onSubmit}>
        Submit
      </Button>
      <div className={classes.pair}>
        <Button variant="default" {...keepFocus} rightSection={<KeyHint of="skip" taken={taken} />} onClick={props.onSkip}>
          Skip
        </Button>
        <Button
          variant="default"
          {...keepFocus}
          aria-expanded={isFlagging}
          rightSection={<KeyHint of="flag" taken={taken} />}
          onClick={() => props.onFlagging(!isFlagging)}
        >
          Flag
        </Button>
      </div>
      <div className={classes.links}>
        <Button
          variant="subtle"
          color="gray"
          size="compact-xs"
          fw={400}
          rightSection={<KeyHint of="guidelines" taken={taken} />}
          onClick={props.onGuidelines}
        >
          Guidelines
        </Button>
        <Button
          variant="subtle"
          color="gray"
          size="compact-xs"
          fw={400}
          rightSection={<KeyHint of="help" taken={taken} />}
          onClick={props.onKeys}
        >
          Keys
        </Button>
      </div>
    </div>
  );
}

/** Why a reviewer should look. Enter flags, with or without words. */
function FlagForm({ onFlag, close }: { onFlag: (note: string) => void; close: () => void }) {
  const [note, setNote] = useState('');
  return (
    <form
      className={classes.flag}
      onSubmit={(event) => {
        event.preventDefault();
        onFlag(note);
      }}
    >
      <TextInput
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        label="What should a reviewer look at?"
        placeholder="Optional. Enter flags, Esc leaves."
        maxLength={4_000}
        autoFocus
        dir="auto"
        onKeyDown={(event) => event.key === 'Escape' && close()}
      />
    </form>
  );
}

function hintFor({ question, palette, isMissing, item, chosen, asked }: LabelAnswerProps): string {
  if (!item) return '';
  const isLast = asked.length > 1 && asked.every((each) => each.chosen.length > 0 || each.isPassed);
  if (isMissing) return 'Choose a label first, or skip.';
  const branch = palette.rows.find(({ label }) => label.id === palette.branch)?.label;
  if (branch) return `1–9 choose within ${branch.title ?? branch.id}. Esc goes back up.`;
  if (question.multiple) return chosen.length === 0 ? 'All that hold. With none chosen, Enter says: none applies.' : 'All that hold.';
  return isLast ? 'Enter submits all answers.' : '';
}
