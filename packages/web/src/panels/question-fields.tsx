import { Button, Checkbox, Group, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import type { QuestionDraft } from '../state/question-draft.ts';
import { LabelsEditor } from './labels-editor.tsx';

interface QuestionFieldsProps {
  readonly question: QuestionDraft;
  /** 1, 2, 3 … where there are several. */
  readonly number: number | undefined;
  readonly problem: string | undefined;
  readonly onChange: (change: Partial<QuestionDraft>) => void;
  readonly onRemove: (() => void) | undefined;
}

/** A question of a project that is being made: its words and its labels. */
export function QuestionFields({ question, number, problem, onChange, onRemove }: QuestionFieldsProps) {
  const { title, labels, isMultiple, isTree } = question;
  const name = number === undefined ? '' : ` of question ${number}`;
  return (
    <Stack gap={20} component="section" aria-label={number === undefined ? 'Question' : `Question ${number}`}>
      <Group align="flex-end" gap="sm">
        <TextInput
          flex={1}
          size="sm"
          label={number === undefined ? 'Question' : `Question ${number}`}
          description="What people read above the labels"
          maxLength={500}
          value={title}
          onChange={(event) => onChange({ title: event.currentTarget.value })}
        />
        {onRemove && (
          <Button variant="subtle" color="gray" onClick={onRemove} aria-label={`Remove question ${number}`}>
            Remove
          </Button>
        )}
      </Group>
      <Stack gap="sm" role="group" aria-label={`Labels${name}`}>
        <Group justify="space-between">
          <Text fw={500} size="sm">
            Labels
          </Text>
          <Group gap="md">
            <Checkbox
              size="xs"
              label="some are below others (a tree)"
              checked={isTree}
              onChange={(event) => onChange({ isTree: event.currentTarget.checked })}
            />
            <SegmentedControl
              size="xs"
              aria-label={`How many labels may an item have?${name}`}
              data={[
                { value: 'one', label: 'one per item' },
                { value: 'several', label: 'several per item' },
              ]}
              value={isMultiple ? 'several' : 'one'}
              onChange={(value) => onChange({ isMultiple: value === 'several' })}
            />
          </Group>
        </Group>
        <LabelsEditor labels={labels} onChange={(next) => onChange({ labels: next })} isTree={isTree} />
        {problem !== undefined && (
          <Text c="var(--mantine-color-error)" size="xs" role="alert">
            {problem}
          </Text>
        )}
      </Stack>
    </Stack>
  );
}
