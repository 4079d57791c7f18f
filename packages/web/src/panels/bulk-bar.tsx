import { Button, Kbd, Popover, Stack } from '@mantine/core';
import { useState } from 'react';
import { labelStyle, titleOf } from '../design/label-chip.tsx';
import { count } from '../design/numbers.tsx';
import { isPlain, type Question } from '../state/label-tree.ts';
import { usePalette } from '../state/use-palette.ts';
import { AnswerPalette } from './answer-palette.tsx';
import classes from './bulk-bar.module.css';
import { picked } from '../state/label-tree.ts';

interface BulkBarProps {
  readonly selected: number;
  /** All that match are selected, not just some rows. */
  readonly isAll: boolean;
  readonly total: number;
  readonly isCapped: boolean;
  readonly question: Question;
  readonly onLabel: (labels: readonly string[]) => void;
  readonly onAll: () => void;
  readonly onClear: () => void;
}

/** What can be done with the selected items, all at once and with one undo. */
export function BulkBar({ selected, isAll, total, isCapped, question, onLabel, onAll, onClear }: BulkBarProps) {
  const number = isAll && isCapped ? `More than ${count(total)}` : count(selected);
  return (
    <div className={classes.bar} role="toolbar" aria-label="Selected items">
      <strong className={classes.count} role="status">
        {isAll ? `All ${number.toLowerCase()} that match` : number} selected
      </strong>
      <span className={classes.labels}>
        <span className={classes.muted}>label as</span>
        {isPlain(question) ? <PlainLabels question={question} onLabel={onLabel} /> : <ChosenLabels question={question} onLabel={onLabel} />}
      </span>
      {!isAll && total > selected && (
        <Button variant="subtle" size="compact-xs" onClick={onAll}>
          Select all {isCapped ? 'that match' : count(total)}
        </Button>
      )}
      <Button variant="subtle" color="gray" size="compact-xs" onClick={onClear} rightSection={<Kbd size="xs">Esc</Kbd>}>
        Clear
      </Button>
    </div>
  );
}

function PlainLabels({ question, onLabel }: Pick<BulkBarProps, 'question' | 'onLabel'>) {
  return question.labels.map(({ id }, index) => (
    <button key={id} type="button" className={classes.label} style={labelStyle(question, id)} onClick={() => onLabel([id])}>
      <Kbd size="xs" aria-hidden>
        {index + 1}
      </Kbd>
      {titleOf(question, id)}
    </button>
  ));
}

/** Several labels, or too many for a row of buttons. */
function ChosenLabels({ question, onLabel }: Pick<BulkBarProps, 'question' | 'onLabel'>) {
  const [isOpen, setOpen] = useState(false);
  const [labels, setLabels] = useState<readonly string[]>([]);
  const palette = usePalette(question);
  const done = (chosen: readonly string[]) => {
    setOpen(false);
    setLabels([]);
    onLabel(chosen);
  };
  return (
    <Popover opened={isOpen} onChange={setOpen} position="top" trapFocus withinPortal width={340}>
      <Popover.Target>
        <Button variant="default" onClick={() => setOpen(!isOpen)}>
          Choose …
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="sm">
          <AnswerPalette
            question={question}
            palette={palette}
            chosen={labels}
            posterior={null}
            hasKeys={false}
            onPick={(label) => (question.multiple ? setLabels(picked(labels, label, true)) : done([label]))}
          />
          {question.multiple && <Button onClick={() => done(labels)}>{labels.length === 0 ? 'None applies' : 'Label'}</Button>}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
