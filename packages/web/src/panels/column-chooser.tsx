import { Button, Checkbox, Popover, ScrollArea, Stack } from '@mantine/core';
import { IconColumns3 } from '@tabler/icons-react';
import type { Column } from './item-table.tsx';

interface ColumnChooserProps {
  readonly columns: readonly Column[];
  readonly hidden: readonly string[];
  readonly onChange: (hidden: readonly string[]) => void;
}

/** Which columns are shown, in this browser. */
export function ColumnChooser({ columns, hidden, onChange }: ColumnChooserProps) {
  return (
    <Popover position="bottom-end" withinPortal trapFocus>
      <Popover.Target>
        <Button variant="subtle" color="gray" leftSection={<IconColumns3 size={14} aria-hidden />}>
          Columns
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <ScrollArea.Autosize mah={360}>
          <Stack gap="sm" role="group" aria-label="Columns that are shown">
            {columns.map(({ id, title }) => (
              <Checkbox
                key={id}
                size="xs"
                label={title}
                checked={!hidden.includes(id)}
                onChange={() => onChange(hidden.includes(id) ? hidden.filter((other) => other !== id) : [...hidden, id])}
              />
            ))}
          </Stack>
        </ScrollArea.Autosize>
      </Popover.Dropdown>
    </Popover>
  );
}
