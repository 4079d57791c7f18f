import { ActionIcon, Button, Group, SegmentedControl, Select, Stack, Text, Textarea } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { gridOf, textOfGrid } from '../../state/csv-grid.ts';
import { changed, wordOf } from '../../state/labeler-draft.ts';
import { FieldNames } from './expression-form.tsx';
import type { LabelerFormProps } from './form.ts';
import classes from './forms.module.css';
import { LabelSelect } from './label-select.tsx';

const policies = [
  { value: 'first', label: 'the first that matches' },
  { value: 'all', label: 'all that match' },
  { value: 'priority', label: 'those of the highest priority' },
];

export function DecisionTableForm({ value, onChange, faultAt }: LabelerFormProps) {
  const [view, setView] = useState('grid');
  const text = wordOf(value.table ?? value.csv);
  const write = (table: string) => onChange(changed(value, { table, csv: undefined }));
  const fault = faultAt('table') ?? faultAt('csv');
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Text size="sm" fw={500}>
          Rows
        </Text>
        <SegmentedControl
          size="xs"
          aria-label="How the table is shown"
          data={[
            { value: 'grid', label: 'Grid' },
            { value: 'csv', label: 'CSV' },
          ]}
          value={view}
          onChange={setView}
        />
      </Group>
      {view === 'grid' ? (
        <Grid rows={gridOf(text)} onChange={(rows) => write(textOfGrid(rows))} />
      ) : (
        <Textarea
          className={classes.mono}
          aria-label="Table as CSV"
          autosize
          minRows={6}
          maxRows={20}
          spellCheck={false}
          value={text}
          onChange={({ currentTarget }) => write(currentTarget.value)}
        />
      )}
      {fault && (
        <Text size="xs" c="var(--mantine-color-error)" role="alert">
          {fault}
        </Text>
      )}
      <Text size="xs" c="dimmed">
        A column asks about a field, text, or an expression; a cell says what it must be: <code>NG</code>, <code>&gt; 5</code>,{' '}
        <code>[1..10]</code>, <code>~ win|free</code>, <code>contains offer</code>; empty: anything.
      </Text>
      <FieldNames />
      <Group grow align="start">
        <Select
          label="Which rows answer"
          data={policies}
          value={wordOf(value.hitPolicy, 'first')}
          allowDeselect={false}
          onChange={(hitPolicy) => onChange(changed(value, { hitPolicy }))}
        />
        <LabelSelect
          label="Where no row matches"
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

function Grid({ rows, onChange }: { rows: readonly (readonly string[])[]; onChange: (rows: string[][]) => void }) {
  const [header = ['text', 'label'], ...body] = rows;
  const copy = () => [header, ...body].map((row) => [...row]);
  const set = (row: number, column: number, to: string) => {
    const next = copy();
    next[row][column] = to;
    onChange(next);
  };
  const addRow = () => onChange([...copy(), header.map(() => '')]);
  const addColumn = () => onChange(copy().map((row, index) => [index === 0 ? `field${header.length}` : '', ...row]));
  return (
    <div>
      <div className={classes.scroll}>
        <table className={classes.grid} aria-label="Decision table">
          <thead>
            <tr>
              {header.map((name, column) => (
                <th key={column} scope="col">
                  <input
                    aria-label={`Column ${column + 1}`}
                    value={name}
                    spellCheck={false}
                    onChange={({ currentTarget }) => set(0, column, currentTarget.value)}
                  />
                </th>
              ))}
              <td className={classes.narrow} />
            </tr>
          </thead>
          <tbody>
            {body.map((row, index) => (
              <tr key={index}>
                {row.map((cell, column) => (
                  <td key={column}>
                    <input
                      aria-label={`${header[column] ?? `Column ${column + 1}`}, row ${index + 1}`}
                      value={cell}
                      placeholder={header[column] === 'label' ? 'says nothing' : 'anything'}
                      spellCheck={false}
                      onChange={({ currentTarget }) => set(index + 1, column, currentTarget.value)}
                    />
                  </td>
                ))}
                <td className={classes.narrow}>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={`Remove row ${index + 1}`}
                    onClick={() => onChange(copy().filter((_, at) => at !== index + 1))}
                  >
                    <IconX size={14} aria-hidden />
                  </ActionIcon>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Group gap="xs" mt="xs">
        <Button variant="subtle" color="gray" onClick={addRow}>
          Add a row
        </Button>
        <Button variant="subtle" color="gray" onClick={addColumn}>
          Add a column
        </Button>
      </Group>
    </div>
  );
}
