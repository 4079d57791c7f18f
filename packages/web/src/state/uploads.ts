import { CallError } from '@labelwright/contract/client';
import type { ImportState } from '@labelwright/contract/imports';
import { useSyncExternalStore } from 'react';
import { api, keys, messageOf, queries } from '../api.ts';

/** How an upload of this page stands. It goes on while the person looks at other pages. */
export interface Upload {
  readonly kind: 'sending' | 'waiting' | 'done' | 'failed' | 'stopped';
  readonly received: number;
  readonly size: number;
  readonly bytesPerSecond: number;
  readonly fault?: string;
}

const chunkBytes = 4 * 1024 * 1024;
const longestPauseMs = 15_000;

const uploads = new Map<number, Upload>();
const listeners = new Set<() => void>();

function set(id: number, upload: Upload): void {
  uploads.set(id, upload);
  for (const listener of listeners) listener();
}

/** Undefined for a file that another page, or this one before a reload, has sent. */
export function useUpload(id: number | undefined): Upload | undefined {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => (id === undefined ? undefined : uploads.get(id)),
  );
}

/** Announces the file and begins to send it. @returns the id of the import */
export async function startUpload(project: number, file: File): Promise<number> {
  const state = await api.createImport({ params: { project }, body: { fileName: file.name, sizeBytes: file.size } });
  void send(project, state, file);
  return state.id;
}

/** Goes on with a file of which a part is there. @throws Error where it is another file */
export function resumeUpload(project: number, state: ImportState, file: File): void {
  if (file.size !== state.sizeBytes)
    throw new Error(
      `${file.name} is another file: ${state.fileName} has ${state.sizeBytes.toLocaleString('en')} bytes, this one ${file.size.toLocaleString('en')}`,
    );
  void send(project, state, file);
}

export function stopUpload(id: number): void {
  const upload = uploads.get(id);
  if (upload) set(id, { ...upload, kind: 'stopped' });
}

async function send(project: number, state: ImportState, file: File): Promise<void> {
  const { id } = state;
  const params = { project, import: id };
  const began = { atMs: performance.now(), received: state.receivedBytes };
  let received = state.receivedBytes;
  let pauseMs = 500;
  const speed = () => ((received - began.received) / Math.max(1, performance.now() - began.atMs)) * 1000;
  const show = (kind: Upload['kind'], fault?: string) =>
    set(id, { kind, received, size: file.size, bytesPerSecond: speed(), ...(fault !== undefined && { fault }) });
  show('sending');
  while (received < file.size || file.size === 0) {
    if (uploads.get(id)?.kind === 'stopped') return;
    try {
      const raw = file.slice(received, received + chunkBytes);
      const reply = await api.uploadChunk({ params, query: { offset: received } }, { raw });
      received = reply.receivedBytes;
      pauseMs = 500;
      show('sending');
      queries.setQueryData([...keys.imports(project), id], reply);
      if (file.size === 0) break;
    } catch (error) {
      const there = receivedIn(error);
      if (there !== undefined && there !== received) {
        received = there;
        continue;
      }
      if (!isPassing(error)) return show('failed', messageOf(error));
      show('waiting', messageOf(error));
      await new Promise((resume) => setTimeout(resume, pauseMs));
      pauseMs = Math.min(longestPauseMs, pauseMs * 2);
      received = await api.getImport({ params }).then(
        (now) => now.receivedBytes,
        () => received,
      );
    }
  }
  show('done');
  await queries.invalidateQueries({ queryKey: keys.imports(project) });
}

/** A chunk came twice, or half: the server says how far it is. */
function receivedIn(error: unknown): number | undefined {
  const received = error instanceof CallError ? error.fault.details?.receivedBytes : undefined;
  return typeof received === 'number' ? received : undefined;
}

function isPassing(error: unknown): boolean {
  return (
    !(error instanceof CallError) || error.status === 0 || error.status === 429 || (error.status >= 500 && error.fault.code !== 'disk-full')
  );
}
