import { CallError, createClient, urlOf } from '@labelwright/contract/client';
import { queueRoutes } from '@labelwright/contract/queue';
import { QueryClient } from '@tanstack/react-query';
import { watchSession } from './state/session-end.ts';

let csrf = '';

/** What unsafe calls carry; known once the session is read. */
export function setCsrf(token: string | null): void {
  csrf = token ?? '';
}

export const api = createClient({ headers: () => (csrf === '' ? {} : { 'x-csrf-token': csrf }), fetch: watchSession(fetch) });

/** Gives items back while the page is closed: the request outlives it, and carries what every change carries. */
export function releaseOnLeave(project: number, ordinals: readonly number[]): void {
  if (ordinals.length === 0) return;
  const headers = { 'content-type': 'application/json', ...(csrf !== '' && { 'x-csrf-token': csrf }) };
  const { method } = queueRoutes.release;
  const url = urlOf(queueRoutes.release, { params: { project } });
  fetch(url, { method, headers, body: JSON.stringify({ ordinals }), keepalive: true }).catch(() => undefined);
}

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      refetchOnWindowFocus: true,
      // What the server refused will be refused again; what did not reach it is worth another try.
      retry: (count, error) => count < 2 && !(error instanceof CallError && error.status >= 400 && error.status < 500),
    },
  },
});

/** One place for the keys, so that events can invalidate what they touch. */
export const keys = {
  session: ['session'] as const,
  projects: ['projects'] as const,
  project: (project: number) => ['project', project] as const,
  overview: (project: number) => ['project', project, 'overview'] as const,
  labelers: (project: number) => ['project', project, 'labelers'] as const,
  items: (project: number) => ['project', project, 'items'] as const,
  runs: (project: number) => ['project', project, 'runs'] as const,
  imports: (project: number) => ['project', project, 'imports'] as const,
  exports: (project: number) => ['project', project, 'exports'] as const,
  audits: (project: number) => ['project', project, 'audits'] as const,
  quality: (project: number) => ['project', project, 'quality'] as const,
  gold: (project: number) => ['project', project, 'gold'] as const,
  members: (project: number) => ['project', project, 'members'] as const,
  connections: (project: number) => ['project', project, 'connections'] as const,
  askings: (project: number) => ['project', project, 'askings'] as const,
  spending: (project: number) => ['project', project, 'spending'] as const,
};

/** What went wrong, in words for the screen. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
