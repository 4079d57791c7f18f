import type { ItemFilter } from '@labelwright/contract/items';
import { useCallback, useEffect, useRef } from 'react';
import { keys, queries } from '../api.ts';
import { count } from '../design/numbers.tsx';
import { showDone, showFault, showUndo } from '../design/toasts.tsx';
import { browserOutbox } from './browser-outbox.ts';
import { newActionId } from './new-action-id.ts';
import type { Action, Given } from './outbox-action.ts';
import { showAnswered } from './use-item-rows.ts';

interface Done {
  readonly action: Action;
  readonly words: string;
  readonly hide: () => void;
}

/** Answers from a table: through the outbox like all others, each with one undo; the rows are read anew once the server has them. */
export function useBulkAnswers(project: number, question: string) {
  const done = useRef<Done[]>([]);

  useEffect(() => {
    let stop: (() => void) | undefined;
    let isOver = false;
    browserOutbox().then((outbox) => {
      if (isOver) return;
      stop = outbox.listen((news) => {
        if (news.kind === 'added' || news.action.project !== project) return;
        void queries.invalidateQueries({ queryKey: keys.items(project) });
        void queries.invalidateQueries({ queryKey: keys.overview(project) });
      });
    }, showFault);
    return () => {
      isOver = true;
      stop?.();
    };
  }, [project]);

  const undo = useCallback(
    async (what?: Done) => {
      const last = what ?? done.current.at(-1);
      if (!last || !done.current.includes(last)) return;
      done.current = done.current.filter((each) => each !== last);
      last.hide();
      const { action } = last;
      const of = action.kind === 'submit' ? { question, ordinal: action.ordinal, base: action.base } : undefined;
      await (await browserOutbox()).add({ kind: 'undo', id: newActionId(), project, undoes: action.id, ...(of && { of }) });
      showDone(`Taken back: ${last.words}`);
    },
    [project, question],
  );

  const act = useCallback(
    async (action: Action, words: string) => {
      await (await browserOutbox()).add(action);
      const entry: Done = { action, words, hide: () => hide() };
      const hide = showUndo(words, () => undo(entry));
      done.current.push(entry);
    },
    [undo],
  );

  /** @param expected how many items that is, as far as the page knows */
  const answerMany = useCallback(
    (filter: ItemFilter, labels: readonly string[], expected: number, words: string) => {
      const { ordinals } = filter;
      if (ordinals) {
        const chosen = new Set(ordinals.map(Number));
        showAnswered(project, (ordinal) => chosen.has(ordinal), labels);
      }
      const items = expected === 1 ? '1 item' : `${count(expected)} items`;
      void act({ kind: 'bulk', id: newActionId(), project, question, filter, labels }, `${items}: ${words}`).catch(showFault);
    },
    [act, project, question],
  );

  const answerOne = useCallback(
    ({ ordinal, id, version }: { ordinal: number; id: string; version: number }, given: Given, words: string) => {
      if (given.kind === 'answer') showAnswered(project, (other) => other === ordinal, given.labels);
      const action: Action = { kind: 'submit', id: newActionId(), project, question, ordinal, given, base: version, seconds: 0 };
      void act(action, `${id}: ${words}`).catch(showFault);
    },
    [act, project, question],
  );

  return { answerMany, answerOne, undo };
}
