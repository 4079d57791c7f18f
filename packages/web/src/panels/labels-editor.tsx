import { labelColor } from '@labelwright/core/model/palette';
import { ActionIcon, Box, Button, Select, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { type KeyboardEvent, useRef } from 'react';
import { type LabelDraft, labelProblems, newLabel } from '../state/label-draft.ts';
import { ColorChoice } from './color-choice.tsx';
import classes from './labels-editor.module.css';

interface LabelsEditorProps {
  readonly labels: readonly LabelDraft[];
  readonly onChange: (labels: LabelDraft[]) => void;
  /** Labels may stand below others. */
  readonly isTree: boolean;
}

/** A row per label: colour, name, key. Enter makes the next one. */
export function LabelsEditor({ labels, onChange, isTree }: LabelsEditorProps) {
  const list = useRef<HTMLUListElement>(null);
  const problems = labelProblems(labels);
  const change = (key: string, to: Partial<LabelDraft>) =>
    onChange(labels.map((label) => (label.key === key ? { ...label, ...to } : label)));
  const add = () => {
    onChange([...labels, newLabel()]);
    setTimeout(() => [...(list.current?.querySelectorAll<HTMLInputElement>('input[data-name]') ?? [])].at(-1)?.focus());
  };
  const remove = (key: string) =>
    onChange(labels.filter((label) => label.key !== key).map((label) => (label.parent === key ? without(label) : label)));
  const onKeyDown = (event: KeyboardEvent, label: LabelDraft) => {
    if (event.key === 'Enter') {
      event.preventDefault();
      if (label.name.trim() !== '') add();
    }
    if (event.key === 'Backspace' && label.name === '' && labels.length > 1) {
      event.preventDefault();
      remove(label.key);
      setTimeout(() => [...(list.current?.querySelectorAll<HTMLInputElement>('input[data-name]') ?? [])].at(-1)?.focus());
    }
  };
  return (
    <Box>
      <ul className={classes.list} ref={list}>
        {labels.map((label, index) => (
          <li key={label.key} className={classes.row} data-tree={isTree || undefined}>
            <ColorChoice
              name={label.name || `label ${index + 1}`}
              color={labelColor(label.color === undefined ? undefined : { color: label.color }, index)}
              onChoose={(color) => change(label.key, { color })}
            />
            <TextInput
              data-name
              aria-label={`Label ${index + 1}`}
              placeholder={index === 0 ? 'positive' : 'another label'}
              value={label.name}
              error={problems.get(label.key)}
              onChange={(event) => change(label.key, { name: event.currentTarget.value })}
              onKeyDown={(event) => onKeyDown(event, label)}
            />
            {isTree && (
              <Select
                aria-label={`${label.name || `Label ${index + 1}`} is below`}
                placeholder="at the top"
                clearable
                data={labels
                  .filter(({ key, name }) => key !== label.key && name.trim() !== '')
                  .map(({ key, name }) => ({ value: key, label: name }))}
                value={label.parent ?? null}
                onChange={(parent) =>
                  onChange(labels.map((each) => (each.key === label.key ? { ...without(each), ...(parent && { parent }) } : each)))
                }
              />
            )}
            <TextInput
              className={classes.hotkey}
              aria-label={`Key of ${label.name || `label ${index + 1}`}`}
              placeholder={index < 9 ? String(index + 1) : '–'}
              maxLength={1}
              value={label.hotkey ?? ''}
              onChange={(event) => change(label.key, { hotkey: event.currentTarget.value.trim() })}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              size={28}
              disabled={labels.length === 1}
              aria-label={`Remove ${label.name || `label ${index + 1}`}`}
              onClick={() => remove(label.key)}
            >
              <IconX size={14} aria-hidden />
            </ActionIcon>
          </li>
        ))}
      </ul>
      <Button mt="sm" variant="subtle" color="gray" leftSection={<IconPlus size={14} aria-hidden />} onClick={add}>
        Add a label
      </Button>
    </Box>
  );
}

/** At the top of the tree. */
function without(label: LabelDraft): LabelDraft {
  const { parent, ...rest } = label;
  return parent === undefined ? label : rest;
}
