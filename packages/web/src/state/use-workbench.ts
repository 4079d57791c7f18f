import { useEffect, useState } from 'react';
import { api, releaseOnLeave } from '../api.ts';
import { showFault } from '../design/toasts.tsx';
import { browserDatabase, browserOutbox } from './browser-outbox.ts';
import { dropDraft, findDraft, saveDraft } from './drafts.ts';
import type { Question } from './label-tree.ts';
import { newActionId } from './new-action-id.ts';
import type { OutboxNews } from './outbox.ts';
import { useProject } from './project.ts';
import { projectNews } from './project-events.ts';
import { sessionEnd } from './session-end.ts';
import type { Order } from './queue-supply.ts';
import { Workbench, type WorkbenchParts } from './workbench.ts';

/** The workbench of a page, from when the page is there until it is left. */
export function useWorkbench(
  question: Question,
  order: Order | undefined,
  first: number | undefined,
  audit: number | undefined,
): Workbench | undefined {
  const { id: project, settings, schema } = useProject();
  const [workbench, setWorkbench] = useState<Workbench>();
  const { leaseSeconds } = settings;
  const isBlind = settings.blind || audit !== undefined;
  // The order can be changed, and another item looked at, on the same bench.
  const [start] = useState({ order, first });
  useEffect(() => {
    // An audit is about one question.
    const further = audit === undefined ? schema.questions.filter(({ id }) => id !== question.id) : [];
    const releaseAtOnce = (ordinals: readonly number[]) => releaseOnLeave(project, ordinals);
    const made = new Workbench({
      project,
      question,
      further,
      leaseSeconds,
      isBlind,
      audit,
      order: start.order,
      ...browserParts,
      releaseAtOnce,
    });
    const stopWatching = watchPerson(made);
    setWorkbench(made);
    void made.start(start.first);
    return () => {
      stopWatching();
      made.stop();
    };
  }, [project, question, schema.questions, leaseSeconds, isBlind, audit, start]);
  return workbench;
}

const browserParts: Omit<WorkbenchParts, 'project' | 'question' | 'further' | 'order' | 'audit' | 'leaseSeconds' | 'isBlind'> = {
  calls: api,
  outbox: {
    add: async (action) => (await browserOutbox()).add(action),
    entries: async () => (await browserOutbox()).entries(),
    listen: listenLater,
  },
  drafts: {
    save: async (key, draft) => saveDraft(await browserDatabase(), key, draft),
    find: async (key, version) => findDraft(await browserDatabase(), key, version),
    drop: async (key) => dropDraft(await browserDatabase(), key),
  },
  report: showFault,
  newId: newActionId,
  now: () => Date.now(),
  later: (milliseconds, work) => {
    const timer = setTimeout(work, milliseconds);
    return () => clearTimeout(timer);
  },
};

function listenLater(listener: (news: OutboxNews) => void): () => void {
  let stop: (() => void) | undefined;
  let isOver = false;
  browserOutbox().then((outbox) => {
    if (!isOver) stop = outbox.listen(listener);
  }, showFault);
  return () => {
    isOver = true;
    stop?.();
  };
}

const signsOfLife = ['pointermove', 'pointerdown', 'keydown', 'wheel', 'touchmove'] as const;

/** Tells the workbench whether somebody is there, and when the network or the session is back. */
function watchPerson(workbench: Workbench): () => void {
  const scope = new AbortController();
  const { signal } = scope;
  let lastMs = 0;
  const noteLife = () => {
    const now = Date.now();
    if (now - lastMs < 500) return;
    lastMs = now;
    workbench.input();
  };
  for (const kind of signsOfLife) window.addEventListener(kind, noteLife, { signal, passive: true, capture: true });
  document.addEventListener('visibilitychange', () => workbench.setVisible(document.visibilityState === 'visible'), { signal });
  window.addEventListener('online', () => workbench.wake(), { signal });
  // A tab that is closed gives back what it had reserved: others need not wait for the lease to end.
  window.addEventListener('pagehide', ({ persisted }) => !persisted && workbench.leave(), { signal });
  // Where nothing was left, what others gave back or a run found may be something.
  projectNews.addEventListener('news', () => workbench.get().phase === 'finished' && workbench.wake(), { signal });
  const stop = sessionEnd.subscribe(() => sessionEnd.get() === 'none' && workbench.wake());
  return () => {
    scope.abort();
    stop();
  };
}
