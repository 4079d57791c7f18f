import { Text, UnstyledButton } from '@mantine/core';
import { lazy, Suspense, useEffect, useState, useSyncExternalStore } from 'react';
import { type OutboxState, outboxState } from '../state/outbox-state.ts';

const RefusedAnswers = lazy(() => import('./refused-answers.tsx'));

const words: Record<OutboxState['kind'], string> = {
  saved: '● saved',
  saving: '○ saving',
  offline: '○ offline',
  'signed-out': '○ signed out',
  refused: '● saved',
};
const calmMs = 400;

/** Whether what the person did has reached the server, and what the server did not take. */
export function SaveState() {
  const state = useSyncExternalStore(outboxState.subscribe, outboxState.get);
  const { kind, waiting } = useCalm(state);
  const [isOpen, setOpen] = useState(false);
  const isTrouble = kind === 'offline' || kind === 'signed-out';
  return (
    <>
      <Text span size="xs" c={isTrouble ? 'var(--lw-warning)' : 'var(--lw-muted)'} role="status" style={{ whiteSpace: 'nowrap' }}>
        {words[kind]}
        {waiting > 0 && kind !== 'saving' && `: ${waiting} waiting`}
      </Text>
      {state.refused > 0 && (
        <UnstyledButton fz="xs" c="var(--lw-error)" td="underline" style={{ whiteSpace: 'nowrap' }} onClick={() => setOpen(true)}>
          {state.refused === 1 ? '1 needs a look' : `${state.refused} need a look`}
        </UnstyledButton>
      )}
      {isOpen && (
        <Suspense>
          <RefusedAnswers close={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}

/** A submit takes some milliseconds: saying so each time would only flicker. */
function useCalm(state: OutboxState): OutboxState {
  const [shown, setShown] = useState(state);
  useEffect(() => {
    const timer = setTimeout(() => setShown(state), state.kind === 'saving' ? calmMs : 0);
    return () => clearTimeout(timer);
  }, [state]);
  return shown;
}
