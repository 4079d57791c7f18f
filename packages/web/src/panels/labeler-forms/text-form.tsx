import { SegmentedControl, Stack, Text, Textarea } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { Options } from '../../state/labeler-draft.ts';
import type { LabelerFormProps } from './form.ts';
import classes from './forms.module.css';

type Notation = 'yaml' | 'json';

const notations: { readonly value: Notation; readonly label: string }[] = [
  { value: 'yaml', label: 'YAML' },
  { value: 'json', label: 'JSON' },
];

/** The options as text: for rule sets, and for everything that a form does not show. */
export function TextForm({ technique, value, onChange, faultAt }: LabelerFormProps) {
  const [notation, setNotation] = useState<Notation>('yaml');
  const [text, setText] = useState<string>();
  const [fault, setFault] = useState<string>();
  const written = useRef<Options>(undefined);

  // What came from elsewhere (a version, another form) is written out; what was typed here stays as it was typed.
  useEffect(() => {
    let isCurrent = written.current !== value;
    const show = async () => {
      const next = await write(value, notation);
      if (isCurrent) setText(next);
    };
    if (isCurrent) void show();
    return () => {
      isCurrent = false;
    };
  }, [value, notation]);

  const change = async (next: string) => {
    setText(next);
    try {
      const parsed = await read(next, notation);
      setFault(undefined);
      written.current = parsed;
      onChange(parsed);
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    }
  };
  const shownFault = fault ?? faultAt('');
  return (
    <Stack gap="sm">
      <SegmentedControl
        size="xs"
        w={160}
        aria-label="Notation"
        data={notations}
        value={notation}
        onChange={(next) => {
          written.current = undefined;
          setNotation(next);
        }}
      />
      <Textarea
        className={classes.mono}
        label={`${technique.title} as text`}
        autosize
        minRows={10}
        maxRows={28}
        spellCheck={false}
        data-autofocus
        value={text ?? ''}
        error={shownFault}
        onChange={({ currentTarget }) => void change(currentTarget.value)}
      />
      {technique.name === 'rule-set' && (
        <Text size="xs" c="dimmed">
          Rules set facts that other rules read; the label of the highest priority is said.
        </Text>
      )}
    </Stack>
  );
}

async function write(options: Options, notation: Notation): Promise<string> {
  if (notation === 'json') return JSON.stringify(options, undefined, 2);
  const { stringify } = await import('yaml');
  return Object.keys(options).length === 0 ? '' : stringify(options);
}

/** @throws Error naming line and column */
async function read(text: string, notation: Notation): Promise<Options> {
  if (text.trim() === '') return {};
  const parsed: unknown = notation === 'json' ? JSON.parse(text) : (await import('yaml')).parse(text, { prettyErrors: true });
  if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed)) throw new Error('Options have names: `rules:` and so on');
  return parsed as Options;
}
