import { Checkbox, Group, NumberInput, Stack } from '@mantine/core';
import { changed } from '../../state/labeler-draft.ts';
import type { LabelerFormProps } from './form.ts';
import { LabelSelect } from './label-select.tsx';
import { RuleRows } from './rule-rows.tsx';

export function RegexForm({ value, onChange, faultAt }: LabelerFormProps) {
  return (
    <Stack gap="md">
      <RuleRows
        value={value}
        onChange={onChange}
        faultAt={faultAt}
        field="pattern"
        title="Pattern"
        placeholder="\b(free|win)\b"
        add="Add a pattern"
      />
      <Checkbox
        size="xs"
        label="A and a differ"
        checked={value.caseSensitive === true}
        onChange={({ currentTarget }) => onChange(changed(value, { caseSensitive: currentTarget.checked || undefined }))}
      />
      <Group align="start" grow>
        <NumberInput
          label="Matches needed"
          min={1}
          max={100}
          value={typeof value.minMatches === 'number' ? value.minMatches : 1}
          error={faultAt('minMatches')}
          onChange={(matches) => onChange(changed(value, { minMatches: Number(matches) > 1 ? Number(matches) : undefined }))}
        />
        <LabelSelect
          label="Where nothing matches"
          placeholder="say nothing"
          clearable
          value={value.else}
          error={faultAt('else')}
          onChange={(label) => onChange(changed(value, { else: label }))}
        />
      </Group>
    </Stack>
  );
}
