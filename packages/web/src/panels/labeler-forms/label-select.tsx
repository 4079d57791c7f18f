import { Select, type SelectProps } from '@mantine/core';
import { labelStyle, titleOf } from '../../design/label-chip.tsx';
import { useQuestion } from '../../state/project.ts';

interface LabelSelectProps extends Omit<SelectProps, 'value' | 'onChange' | 'data'> {
  readonly value: unknown;
  readonly onChange: (label: string | undefined) => void;
}

/** One of the labels of the question, in its colour. */
export function LabelSelect({ value, onChange, ...props }: LabelSelectProps) {
  const question = useQuestion();
  const chosen = typeof value === 'string' ? value : Array.isArray(value) && typeof value[0] === 'string' ? value[0] : null;
  return (
    <Select
      data={question.labels.map(({ id }) => ({ value: id, label: titleOf(question, id) }))}
      value={chosen}
      onChange={(label) => onChange(label ?? undefined)}
      searchable={question.labels.length > 8}
      allowDeselect={props.clearable ?? false}
      leftSection={
        chosen === null ? undefined : (
          <span
            aria-hidden
            style={{ ...labelStyle(question, chosen), width: 10, height: 10, borderRadius: 3, background: 'var(--label)' }}
          />
        )
      }
      {...props}
    />
  );
}
