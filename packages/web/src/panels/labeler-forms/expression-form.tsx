import { Code, Stack, Text } from '@mantine/core';
import { changed } from '../../state/labeler-draft.ts';
import { useProject } from '../../state/project.ts';
import type { LabelerFormProps } from './form.ts';
import { LabelSelect } from './label-select.tsx';
import { RuleRows } from './rule-rows.tsx';

export function ExpressionForm({ value, onChange, faultAt }: LabelerFormProps) {
  return (
    <Stack gap="md">
      <RuleRows
        value={value}
        onChange={onChange}
        faultAt={faultAt}
        field="when"
        title="Condition"
        placeholder='text.contains("free") && size(text) < 200'
        add="Add a condition"
      />
      <FieldNames />
      <LabelSelect
        w={240}
        label="Where no condition holds"
        placeholder="say nothing"
        clearable
        value={value.else}
        error={faultAt('else')}
        onChange={(label) => onChange(changed(value, { else: label }))}
      />
    </Stack>
  );
}

/** What a condition may ask about. */
export function FieldNames() {
  const { settings } = useProject();
  const names = [...new Set(['text', ...settings.textFields, ...settings.metadataFields])];
  return (
    <Text size="xs" c="dimmed">
      It may ask about{' '}
      {names.slice(0, 12).map((name) => (
        <Code key={name} mr={4}>
          {/^[A-Za-z_]\w*$/.test(name) ? name : `item["${name}"]`}
        </Code>
      ))}
      {names.length > 12 && `and ${names.length - 12} more`}
    </Text>
  );
}
