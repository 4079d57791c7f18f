import { Alert, Button, Text } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { ErrorNotice } from '../design/notices.tsx';
import { isStale, type ProjectEdit } from '../state/project-edit.ts';
import type { Difference } from '../state/three-way.ts';
import classes from './save-bar.module.css';

interface SaveBarProps {
  readonly edit: Omit<ProjectEdit<unknown>, 'value' | 'set'>;
  /** What keeps it from being saved, for the one who edits. */
  readonly problem?: string | undefined;
  /** What the page calls the thing at that place. */
  readonly nameOf?: (path: readonly string[]) => string;
  /** A fault in better words than the server's, or with a way out. */
  readonly explain?: (fault: unknown) => ReactNode;
}

/** There while something is not saved: what stands in the way, the way back, the way on. */
export function SaveBar({ edit, problem, explain, nameOf = (path) => path.join(' › ') }: SaveBarProps) {
  const { isChanged, isSaving, conflicts, fault, save, discard } = edit;
  const canSave = isChanged && problem === undefined && !isSaving;
  useHotkeys([['mod+S', () => void (canSave && save())]], []);
  if (!isChanged) return null;
  return (
    <section className={classes.bar} aria-label="Unsaved changes">
      {conflicts.length > 0 && <Conflict conflicts={conflicts} nameOf={nameOf} />}
      {fault !== undefined && !(isStale(fault) && conflicts.length > 0) && (explain?.(fault) ?? <ErrorNotice error={fault} />)}
      <div className={classes.row}>
        <Text c={problem === undefined ? 'dimmed' : 'var(--lw-error)'} role="status">
          {problem ?? 'Not saved yet'}
        </Text>
        <Button variant="default" ml="auto" onClick={discard} disabled={isSaving}>
          {conflicts.length > 0 ? 'Take theirs' : 'Discard'}
        </Button>
        <Button onClick={() => void save()} loading={isSaving} disabled={!canSave}>
          {conflicts.length > 0 ? 'Save mine over it' : 'Save'}
        </Button>
      </div>
    </section>
  );
}

function Conflict({ conflicts, nameOf }: { conflicts: readonly Difference[]; nameOf: (path: readonly string[]) => string }) {
  return (
    <Alert
      color="orange"
      title="Somebody else changed the same meanwhile"
      role="alert"
      mb="sm"
      classNames={{ title: classes.warning ?? '' }}
    >
      Your edit is kept. What they made of it:
      <ul className={classes.differences}>
        {conflicts.map(({ path, from, to }) => (
          <li key={path.join('/')}>
            {path.length > 0 && <span className={classes.path}>{nameOf(path)}: </span>}
            {inWords(from)} → {inWords(to)}
          </li>
        ))}
      </ul>
    </Alert>
  );
}

const longest = 160;

function inWords(value: unknown): string {
  if (value === undefined || value === null || value === '') return 'nothing';
  const text =
    typeof value === 'string'
      ? value
      : Array.isArray(value) && value.every((each) => typeof each === 'string')
        ? value.join(', ')
        : JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest)} …` : text;
}
