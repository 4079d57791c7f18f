import type { Person } from '@labelwright/contract/people';
import { lazy, Suspense, useEffect, useSyncExternalStore } from 'react';
import { showFault } from '../design/toasts.tsx';
import { browserOutbox } from '../state/browser-outbox.ts';
import { sessionEnd } from '../state/session-end.ts';

const SignInAgain = lazy(() => import('./sign-in-again.tsx'));

/** Sends what waits as long as the page is open, and asks for the password where the session has ended. */
export function OutboxHost({ person }: { person: Person }) {
  const end = useSyncExternalStore(sessionEnd.subscribe, sessionEnd.get);
  useEffect(() => {
    if (end === 'none') browserOutbox().then((outbox) => outbox.begin(person.id), showFault);
  }, [person.id, end]);
  return end === 'ended' ? (
    <Suspense>
      <SignInAgain person={person} />
    </Suspense>
  ) : null;
}
