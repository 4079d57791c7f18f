import { useEffect, useRef, useSyncExternalStore } from 'react';
import type { Session } from './session.ts';

/** `ended`: the server no longer knows us, in the middle of the work. `left`: we signed out ourselves. */
type End = 'none' | 'ended' | 'left';

let end: End = 'none';
const listeners = new Set<() => void>();

export const sessionEnd = {
  get: (): End => end,
  set: (next: End): void => {
    if (next === end) return;
    end = next;
    for (const listener of listeners) listener();
  },
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

/** Notices on every call whether the session has ended, or was ended on purpose. */
export function watchSession(send: typeof fetch): typeof fetch {
  return async (input, init) => {
    const response = await send(input, init);
    const isSession = typeof input === 'string' && input.endsWith('/api/session');
    if (response.status === 401 && !isSession) sessionEnd.set('ended');
    if (response.ok && isSession && init?.method === 'DELETE') sessionEnd.set('left');
    if (response.ok && isSession && init?.method === 'POST') sessionEnd.set('none');
    return response;
  };
}

/** The session to show the page for. One that ended by itself goes on being shown, so that nothing on the screen is lost while its person signs in again. */
export function useLivingSession(session: Session | undefined): Session | undefined {
  const last = useRef<Session>(undefined);
  const now = useSyncExternalStore(sessionEnd.subscribe, sessionEnd.get);
  const isEnded = session?.state === 'login' && last.current !== undefined && now !== 'left';
  useEffect(() => {
    if (session?.state === 'signed-in') last.current = session;
    else if (isEnded) sessionEnd.set('ended');
    else last.current = undefined;
  }, [session, isEnded]);
  return isEnded ? last.current : session;
}
