import { CallError } from '@labelwright/contract/client';
import type { Project, SettingsChange } from '@labelwright/contract/projects';
import type { SchemaJson } from '@labelwright/contract/schema';
import { useSessionStorage } from '@mantine/hooks';
import { useState } from 'react';
import { api, keys, queries } from '../api.ts';
import { showUndo } from '../design/toasts.tsx';
import { useProject } from './project.ts';
import { type Difference, isSame, merge } from './three-way.ts';

type Change = { name?: string; schema?: SchemaJson; settings?: SettingsChange; without?: string[] };

/** A part of a project that is edited and saved by itself. */
export interface ProjectPart<Value> {
  readonly name: string;
  readonly read: (project: Project) => Value;
  /** What to tell the server, which has `project`. */
  readonly write: (project: Project, value: Value) => Change;
}

export interface ProjectEdit<Value> {
  readonly value: Value;
  readonly set: (value: Value) => void;
  readonly isChanged: boolean;
  readonly isSaving: boolean;
  /** What somebody else made of the very things that are edited here. */
  readonly conflicts: readonly Difference[];
  readonly fault: unknown;
  /** @param knowing what the server wants to hear before it takes the change */
  readonly save: (knowing?: Pick<Change, 'without'>) => Promise<void>;
  readonly discard: () => void;
}

/** `base` is what the edit began with: against it both sides' changes are told apart. */
interface Draft<Value> {
  readonly base: Value;
  readonly value: Value;
}

/** An edit survives reloads, other tabs of the page and other people's changes: what they changed elsewhere joins in, what they changed of the same is
 *  shown, and saving it again says that it is meant. */
export function useProjectEdit<Value>(part: ProjectPart<Value>): ProjectEdit<Value> {
  const project = useProject();
  const [draft, setDraft] = useSessionStorage<Draft<Value> | null>({
    key: `labelwright-edit/${project.id}/${part.name}`,
    defaultValue: null,
    getInitialValueInEffect: false,
  });
  const [isSaving, setSaving] = useState(false);
  const [fault, setFault] = useState<unknown>();
  const now = part.read(project);
  const { value, conflicts } = draft ? merge(draft.base, now, draft.value) : { value: now, conflicts: [] };
  const save = async (knowing?: Pick<Change, 'without'>) => {
    setSaving(true);
    setFault(undefined);
    try {
      await send(part, project, { base: draft?.base ?? now, value, knowing });
      setDraft(null);
      showUndo('Saved', () => restore(part, project.id, value, now));
    } catch (error) {
      setFault(error);
    } finally {
      setSaving(false);
    }
  };
  return {
    value,
    // While there is something to decide on, the edit stays on what it began with: one more keystroke does not decide it.
    set: (next) => {
      setFault(undefined);
      setDraft(isSame(next, now) ? null : { base: draft && conflicts.length > 0 ? draft.base : now, value: next });
    },
    isChanged: draft !== null && !isSame(value, now),
    isSaving,
    conflicts,
    fault,
    save,
    discard: () => {
      setDraft(null);
      setFault(undefined);
    },
  };
}

/** Where somebody was faster, but changed something else, it is sent again on top of theirs. @throws CallError */
async function send<Value>(
  part: ProjectPart<Value>,
  project: Project,
  { base, value, knowing }: Draft<Value> & { readonly knowing: Pick<Change, 'without'> | undefined },
): Promise<void> {
  const update = (on: Project, what: Value) =>
    api.updateProject({ params: { project: on.id }, body: { version: on.version, ...part.write(on, what), ...knowing } });
  try {
    keep(await update(project, value));
  } catch (error) {
    if (!isStale(error)) throw error;
    const theirs = await newest(project.id);
    const merged = merge(base, part.read(theirs), value);
    if (merged.conflicts.length > 0) throw error;
    keep(await update(theirs, merged.value));
  }
}

/** Takes back what was saved; what others changed since stays. */
async function restore<Value>(part: ProjectPart<Value>, project: number, saved: Value, before: Value): Promise<void> {
  const now = await newest(project);
  const { value } = merge(saved, part.read(now), before);
  keep(await api.updateProject({ params: { project }, body: { version: now.version, ...part.write(now, value) } }));
}

async function newest(id: number): Promise<Project> {
  const project = await api.getProject({ params: { project: id } });
  keep(project);
  return project;
}

function keep(project: Project): void {
  queries.setQueryData(keys.project(project.id), project);
}

export function isStale(error: unknown): boolean {
  return error instanceof CallError && error.fault.code === 'stale-version';
}
