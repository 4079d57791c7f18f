import { Text } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import { outboxState } from '../state/outbox-state.ts';

const words = { saved: '● saved', saving: '○ saving', offline: '○ offline', refused: '● needs a look' } as const;
const colors = { saved: 'dimmed', saving: 'dimmed', offline: 'orange.8', refused: 'red.8' } as const;

/** Whether what the person did has reached the server. */
export function SaveState() {
  const { kind, waiting } = useSyncExternalStore(outboxState.subscribe, outboxState.get);
  return (
    <Text span size="xs" c={colors[kind]} role="status" style={{ whiteSpace: 'nowrap' }}>
      {words[kind]}
      {waiting > 0 && `: ${waiting} waiting`}
    </Text>
  );
}
