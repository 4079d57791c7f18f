import type { ReactNode } from 'react';
import { Checkbox, NumberInput, Select, Stack, TagsInput, Text, TextInput } from '@mantine/core';
import { changed, wordOf } from '../../state/labeler-draft.ts';
import type { LabelerFormProps } from './form.ts';
import { LabelSelect } from './label-select.tsx';

interface Property {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: { readonly type?: string };
}

/** A form drawn from the JSON schema of the options: one field per option that is a word, a number, a choice or a list of words. */
export function SchemaForm({ technique, value, onChange, faultAt }: LabelerFormProps) {
  const properties = Object.entries(((technique.options ?? {}) as { properties?: Record<string, Property> }).properties ?? {});
  const shown = properties.filter(([, property]) => isPlain(property));
  const set = (name: string) => (to: unknown) => onChange(changed(value, { [name]: to === '' ? undefined : to }));
  return (
    <Stack gap="md">
      {shown.length === 0 && <Text c="dimmed">Nothing needs to be set: it learns from what the other labelers agree on.</Text>}
      {shown.map(([name, property]) => (
        <Field key={name} name={name} property={property} value={value[name]} fault={faultAt(name)} onChange={set(name)} />
      ))}
      {shown.length < properties.length && (
        <Text size="xs" c="dimmed">
          {properties.length - shown.length} more options are set as text.
        </Text>
      )}
    </Stack>
  );
}

function isPlain(property: Property): boolean {
  const { type } = property;
  if (property.enum) return true;
  return (
    type === 'boolean' ||
    type === 'number' ||
    type === 'integer' ||
    type === 'string' ||
    (type === 'array' && property.items?.type === 'string')
  );
}

interface FieldProps {
  readonly name: string;
  readonly property: Property;
  readonly value: unknown;
  readonly fault: ReactNode;
  readonly onChange: (value: unknown) => void;
}

function Field({ name, property, value, fault, onChange }: FieldProps) {
  const label = wordsOf(name);
  const shared = { label, description: property.description, error: fault };
  if (name === 'label' || name === 'else') return <LabelSelect {...shared} clearable value={value} onChange={onChange} />;
  if (property.enum)
    return (
      <Select
        {...shared}
        data={property.enum.map(String)}
        value={wordOf(value ?? property.default)}
        onChange={(next) => onChange(next === property.default ? undefined : next)}
        allowDeselect={false}
      />
    );
  if (property.type === 'boolean')
    return (
      <Checkbox
        size="xs"
        label={label}
        description={property.description}
        error={fault}
        checked={(value ?? property.default) === true}
        onChange={({ currentTarget }) => onChange(currentTarget.checked === property.default ? undefined : currentTarget.checked)}
      />
    );
  if (property.type === 'number' || property.type === 'integer')
    return (
      <NumberInput
        {...shared}
        {...(property.minimum !== undefined && { min: property.minimum })}
        {...(property.maximum !== undefined && { max: property.maximum })}
        allowDecimal={property.type === 'number'}
        placeholder={property.default === undefined ? 'chosen by itself' : JSON.stringify(property.default)}
        value={typeof value === 'number' ? value : ''}
        onChange={(next) => onChange(next === '' ? undefined : Number(next))}
      />
    );
  if (property.type === 'array')
    return (
      <TagsInput
        size="xs"
        {...shared}
        value={Array.isArray(value) ? (value as string[]) : []}
        onChange={(next) => onChange(next.length === 0 ? undefined : next)}
        acceptValueOnBlur
      />
    );
  return (
    <TextInput {...shared} value={typeof value === 'string' ? value : ''} onChange={({ currentTarget }) => onChange(currentTarget.value)} />
  );
}

/** `minConfidence` → `Min confidence` */
function wordsOf(name: string): string {
  const words = name.replace(/[A-Z]/g, (capital) => ` ${capital.toLowerCase()}`);
  return `${words[0].toUpperCase()}${words.slice(1)}`;
}
