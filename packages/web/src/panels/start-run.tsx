import { ActionIcon, Button, Group, Menu } from '@mantine/core';
import { IconChevronDown, IconPlayerPlay } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, keys } from '../api.ts';
import { startRun } from '../state/runs.ts';

/** Runs all labelers, or one of them. */
export function StartRun({ project, disabled }: { project: number; disabled: boolean }) {
  const [isBusy, setBusy] = useState(false);
  const labelers = useQuery({
    queryKey: keys.labelers(project),
    queryFn: () => api.listLabelers({ params: { project } }),
  });
  const single = labelers.data?.labelers.filter(({ enabled, kind }) => enabled && kind === 'computed') ?? [];
  const start = async (labeler?: number) => {
    setBusy(true);
    await startRun(project, labeler);
    setBusy(false);
  };
  return (
    <Group gap={1} wrap="nowrap">
      <Button leftSection={<IconPlayerPlay size={14} aria-hidden />} onClick={() => void start()} loading={isBusy} disabled={disabled}>
        Run all labelers
      </Button>
      <Menu position="bottom-end" disabled={disabled || single.length === 0}>
        <Menu.Target>
          <ActionIcon size={30} variant="filled" aria-label="Run one labeler" disabled={disabled || single.length === 0}>
            <IconChevronDown size={14} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown mah={360} style={{ overflowY: 'auto' }}>
          <Menu.Label>Run one, then estimate</Menu.Label>
          {single.map(({ id, name }) => (
            <Menu.Item key={id} onClick={() => void start(id)}>
              {name}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}
