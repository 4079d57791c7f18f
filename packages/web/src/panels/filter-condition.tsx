import type { ItemFilter } from '@labelwright/contract/items';
import { Button, Checkbox, Group, NativeSelect, NumberInput, ScrollArea, Stack, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api, keys } from '../api.ts';
import { comparisonWords, decisionWords } from '../state/item-filter.ts';
import { labelRows, type Question } from '../state/label-tree.ts';
import { useProject } from '../state/project.ts';

export type ConditionKind = 'answer' | 'decision' | 'probability' | 'voted' | 'field';

interface ConditionFormProps {
  readonly kind: ConditionKind;
  /** Which of the conditions on fields. */
  readonly at: number;
  readonly filter: ItemFilter;
  readonly question: Question;
  readonly fields: readonly string[];
  readonly onChange: (part: ItemFilter) => void;
  readonly close: () => void;
}

/** One condition, being written. Ticks count at once; what is typed counts with Enter or the button. */
export function ConditionForm(props: ConditionFormProps): ReactNode {
  const { kind, filter, question, onChange } = props;
  if (kind === 'answer') {
    const labels = labelRows(question).map(({ label }) => [label.id, label.title ?? label.id] as const);
    return <Ticks title="The answer is one of" choices={labels} ticked={filter.answer ?? []} onChange={(answer) => onChange({ answer })} />;
  }
  if (kind === 'decision') {
    const decisions = Object.entries(decisionWords) as [NonNullable<ItemFilter['decision']>[number], string][];
    return <Ticks title="The item is" choices={decisions} ticked={filter.decision ?? []} onChange={(decision) => onChange({ decision })} />;
  }
  if (kind === 'probability') return <ProbabilityForm {...props} />;
  return kind === 'voted' ? <VotedForm {...props} /> : <FieldForm {...props} />;
}

interface TicksProps<Choice extends string> {
  readonly title: string;
  readonly choices: readonly (readonly [Choice, string])[];
  readonly ticked: readonly Choice[];
  readonly onChange: (ticked: Choice[]) => void;
}

function Ticks<Choice extends string>({ title, choices, ticked, onChange }: TicksProps<Choice>) {
  return (
    <ScrollArea.Autosize mah={320} miw={200} maw={320}>
      <Stack gap="sm" role="group" aria-label={title}>
        {choices.map(([choice, words]) => (
          <Checkbox
            key={choice}
            size="xs"
            label={words}
            checked={ticked.includes(choice)}
            onChange={() => onChange(ticked.includes(choice) ? ticked.filter((other) => other !== choice) : [...ticked, choice])}
          />
        ))}
      </Stack>
    </ScrollArea.Autosize>
  );
}

function ProbabilityForm({ filter, onChange, close }: ConditionFormProps) {
  const [from, setFrom] = useState(Math.round((filter.probability?.from ?? 0.5) * 100));
  const [to, setTo] = useState(Math.round((filter.probability?.to ?? 1) * 100));
  return (
    <Form
      onDone={() => {
        onChange({ probability: { from: Math.min(from, to) / 100, to: Math.max(from, to) / 100 } });
        close();
      }}
    >
      <Group gap="sm" wrap="nowrap">
        <NumberInput
          label="From"
          suffix=" %"
          w={90}
          min={0}
          max={100}
          clampBehavior="strict"
          value={from}
          onChange={(value) => setFrom(Number(value))}
          data-autofocus
        />
        <NumberInput
          label="To"
          suffix=" %"
          w={90}
          min={0}
          max={100}
          clampBehavior="strict"
          value={to}
          onChange={(value) => setTo(Number(value))}
        />
      </Group>
    </Form>
  );
}

function VotedForm({ filter, question, onChange, close }: ConditionFormProps) {
  const { id: project } = useProject();
  const labelers = useQuery({
    queryKey: [...keys.labelers(project), question.id],
    queryFn: () => api.listLabelers({ params: { project }, query: { question: question.id } }),
  });
  const names = labelers.data?.labelers.map(({ name }) => name) ?? [];
  const [labeler, setLabeler] = useState(filter.voted?.labeler);
  const [label, setLabel] = useState(filter.voted?.label ?? '');
  const chosen = labeler ?? names[0];
  return (
    <Form
      onDone={() => {
        if (chosen !== undefined) onChange({ voted: { labeler: chosen, ...(label !== '' && { label }) } });
        close();
      }}
    >
      <NativeSelect
        size="xs"
        label="Labeler"
        data={names}
        value={chosen ?? ''}
        onChange={(event) => setLabeler(event.currentTarget.value)}
        data-autofocus
      />
      <NativeSelect
        size="xs"
        label="Voted"
        data={[{ value: '', label: 'anything' }, ...question.labels.map(({ id, title }) => ({ value: id, label: title ?? id }))]}
        value={label}
        onChange={(event) => setLabel(event.currentTarget.value)}
      />
    </Form>
  );
}

function FieldForm({ at, filter, fields, onChange, close }: ConditionFormProps) {
  const before = filter.field?.[at];
  const [name, setName] = useState(before?.name ?? fields[0] ?? '');
  const [is, setIs] = useState(before?.is ?? 'contains');
  const [value, setValue] = useState(before?.value ?? '');
  return (
    <Form
      onDone={() => {
        const field = [...(filter.field ?? [])];
        field[at] = { name, is, ...(is !== 'empty' && { value }) };
        onChange({ field });
        close();
      }}
    >
      <NativeSelect
        size="xs"
        label="Field"
        data={[...fields]}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
      <NativeSelect
        size="xs"
        aria-label="Comparison"
        data={Object.entries(comparisonWords).map(([value, label]) => ({ value, label }))}
        value={is}
        onChange={(event) => setIs(event.currentTarget.value as typeof is)}
      />
      {is !== 'empty' && (
        <TextInput aria-label="Value" value={value} onChange={(event) => setValue(event.currentTarget.value)} dir="auto" />
      )}
    </Form>
  );
}

function Form({ children, onDone }: { children: ReactNode; onDone: () => void }) {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onDone();
      }}
    >
      <Stack gap="sm" miw={200}>
        {children}
        <Button type="submit">Filter</Button>
      </Stack>
    </form>
  );
}
