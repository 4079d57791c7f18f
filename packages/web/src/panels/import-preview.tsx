import type { ImportPreview } from '@labelwright/contract/imports';
import { Group, Select, Stack, Text } from '@mantine/core';
import { percent } from '../design/numbers.tsx';
import page from '../design/page.module.css';
import classes from '../pages/import.module.css';
import type { FieldRole } from '../state/field-roles.ts';
import { useQuestion } from '../state/project.ts';

const roleWords = [
  { value: 'text', label: 'text' },
  { value: 'metadata', label: 'beside the item' },
  { value: 'hidden', label: 'hidden' },
  { value: 'gold', label: 'gold (scores only)' },
];

interface ColumnsProps {
  readonly preview: ImportPreview;
  readonly roles: Readonly<Record<string, FieldRole>>;
  readonly onRole: (name: string, role: FieldRole) => void;
}

/** The first rows, with what each column is for. */
export function ImportColumns({ preview, roles, onRole }: ColumnsProps) {
  return (
    <section className={classes.preview} aria-label="First rows" tabIndex={0}>
      <table className={`${page.table} ${classes.columns}`}>
        <thead>
          <tr>
            {preview.fields.map(({ name, kind, filled, distinct }) => (
              <th key={name} scope="col">
                <Stack gap={4}>
                  <span className={classes.fieldName}>{name}</span>
                  <Text size="xs" c="dimmed">
                    {kind}
                    {kind === 'category' && `, ${distinct} values`}
                    {filled < 1 && `, ${percent(1 - filled)} empty`}
                  </Text>
                  <Select
                    aria-label={`${name} is`}
                    data={roleWords}
                    value={roles[name] ?? 'metadata'}
                    allowDeselect={false}
                    onChange={(role) => role && onRole(name, role as FieldRole)}
                  />
                </Stack>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {preview.rows.slice(0, 20).map((row) => (
            <tr key={row.id}>
              {preview.fields.map(({ name }) => (
                <td key={name} data-role={roles[name]}>
                  <div className={classes.cell} dir="auto">
                    {shown(row.fields[name])}
                  </div>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

interface GoldProps {
  readonly values: readonly string[];
  readonly chosen: Readonly<Record<string, string>>;
  readonly onChange: (chosen: Record<string, string>) => void;
}

/** Which label a value of the gold column means, where the two are not the same word. */
export function GoldLabels({ values, chosen, onChange }: GoldProps) {
  const { labels } = useQuestion();
  const data = [{ value: '', label: 'no label' }, ...labels.map(({ id, title }) => ({ value: id, label: title ?? id }))];
  return (
    <Stack gap="xs" role="group" aria-label="Gold values">
      <Text size="sm" c="dimmed">
        What the values of the gold column mean. Nobody who labels sees this column.
      </Text>
      {values.map((value) => (
        <Group key={value} gap="sm">
          <Text w={180} truncate>
            {value}
          </Text>
          <span aria-hidden>→</span>
          <Select
            aria-label={`${value} means`}
            data={data}
            value={chosen[value] ?? ''}
            allowDeselect={false}
            onChange={(label) =>
              onChange(label ? { ...chosen, [value]: label } : Object.fromEntries(Object.entries(chosen).filter(([key]) => key !== value)))
            }
          />
        </Group>
      ))}
    </Stack>
  );
}
