import type { SchemaJson } from '@labelwright/contract/schema';
import { labelColor } from '@labelwright/core/model/palette';
import { ActionIcon, Button, Select, Textarea, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconX } from '@tabler/icons-react';
import { type FormEvent, memo, type ReactNode, useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { addLabel, changeLabel, moveLabel, nameOf, newLabelProblem, removeLabel } from '../state/schema-edit.ts';
import { ColorChoice } from './color-choice.tsx';
import classes from './schema-labels.module.css';

type Question = SchemaJson['questions'][number];
type Label = Question['labels'][number];

interface SchemaLabelsProps {
  readonly question: Question;
  readonly isTree: boolean;
  readonly onChange: (change: (question: Question) => Question) => void;
}

/** The labels of a question that is in use: what they are called may change, what they are may not. */
export function SchemaLabels({ question, isTree, onChange }: SchemaLabelsProps) {
  const places = useMemo(() => question.labels.map((label) => ({ value: label.id, label: nameOf(label) })), [question.labels]);
  // With a thousand labels, a keystroke in one must not draw the others: the rows get one function for good.
  const latest = useRef(onChange);
  useLayoutEffect(() => {
    latest.current = onChange;
  });
  const change = useCallback<SchemaLabelsProps['onChange']>((to) => latest.current(to), []);
  return (
    <>
      <div className={`${classes.row} ${classes.captions}`} data-tree={isTree || undefined} aria-hidden>
        <span />
        <span>Label</span>
        {isTree && <span>Below</span>}
        <span>Key</span>
        <span>Description</span>
      </div>
      <ul className={classes.list} aria-label={`Labels of ${question.title}`}>
        {question.labels.map((label, position) => (
          <LabelRow
            key={label.id}
            label={label}
            position={position}
            isLast={position === question.labels.length - 1}
            places={isTree ? places : undefined}
            onChange={change}
          />
        ))}
      </ul>
      <AddLabel question={question} onAdd={(id) => onChange((before) => addLabel(before, id))} />
    </>
  );
}

interface LabelRowProps {
  readonly label: Label;
  readonly position: number;
  readonly isLast: boolean;
  /** What it may stand below; absent where labels form no tree. */
  readonly places: readonly { value: string; label: string }[] | undefined;
  readonly onChange: SchemaLabelsProps['onChange'];
}

const LabelRow = memo(function LabelRow({ label, position, isLast, places, onChange }: LabelRowProps) {
  const { id, title, hotkey, description, parent } = label;
  const name = nameOf(label);
  const change = (to: Parameters<typeof changeLabel>[2]) => onChange((question) => changeLabel(question, id, to));
  return (
    <li className={classes.row} data-tree={places !== undefined || undefined}>
      <ColorChoice
        name={name}
        color={labelColor(label.color === undefined ? undefined : { color: label.color }, position)}
        onChoose={(color) => change({ color })}
      />
      <div>
        <TextInput
          aria-label={`Title of ${id}`}
          placeholder={id}
          maxLength={200}
          value={title ?? ''}
          onChange={(event) => change({ title: event.currentTarget.value })}
        />
        {title !== undefined && <span className={classes.id}>{id}</span>}
      </div>
      {places && (
        <Select
          className={classes.parent ?? ''}
          aria-label={`${name} is below`}
          placeholder="at the top"
          clearable
          searchable
          limit={50}
          data={places.filter(({ value }) => value !== id)}
          value={parent ?? null}
          onChange={(to) => change({ parent: to ?? undefined })}
        />
      )}
      <TextInput
        className={classes.key ?? ''}
        aria-label={`Key of ${name}`}
        placeholder={position < 9 ? String(position + 1) : '–'}
        maxLength={1}
        value={hotkey ?? ''}
        onChange={(event) => change({ hotkey: event.currentTarget.value.trim() })}
      />
      <Textarea
        className={classes.description ?? ''}
        aria-label={`Description of ${name}`}
        placeholder="when to choose it"
        autosize
        minRows={1}
        maxRows={6}
        maxLength={4000}
        value={description ?? ''}
        onChange={(event) => change({ description: event.currentTarget.value })}
      />
      <div className={classes.buttons}>
        <RowButton label={`Move ${name} up`} disabled={position === 0} onClick={() => onChange((question) => moveLabel(question, id, -1))}>
          <IconArrowUp size={14} aria-hidden />
        </RowButton>
        <RowButton label={`Move ${name} down`} disabled={isLast} onClick={() => onChange((question) => moveLabel(question, id, 1))}>
          <IconArrowDown size={14} aria-hidden />
        </RowButton>
        <RowButton
          label={`Remove ${name}`}
          disabled={position === 0 && isLast}
          onClick={() => onChange((question) => removeLabel(question, id))}
        >
          <IconX size={14} aria-hidden />
        </RowButton>
      </div>
    </li>
  );
});

function RowButton({ label, ...props }: { label: string; disabled: boolean; onClick: () => void; children: ReactNode }) {
  return <ActionIcon variant="subtle" color="gray" size={28} aria-label={label} {...props} />;
}

function AddLabel({ question, onAdd }: { question: Question; onAdd: (id: string) => void }) {
  const [name, setName] = useState('');
  const id = name.trim();
  const problem = id === '' ? undefined : newLabelProblem(question, id);
  const add = (event: FormEvent) => {
    event.preventDefault();
    if (id === '' || problem !== undefined) return;
    onAdd(id);
    setName('');
  };
  return (
    <form className={classes.add} onSubmit={add}>
      <TextInput
        flex={1}
        aria-label="New label"
        placeholder="new label"
        value={name}
        error={problem}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Button type="submit" variant="default" disabled={id === '' || problem !== undefined}>
        Add
      </Button>
    </form>
  );
}
