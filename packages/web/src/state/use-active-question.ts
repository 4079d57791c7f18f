import { useState } from 'react';
import type { Question } from './label-tree.ts';
import type { Workbench } from './workbench.ts';

export interface ActiveQuestion {
  /** The one that keys answer and that the evidence is about. */
  readonly active: Question;
  /** Questions of this item that the person left with nothing chosen, knowingly. */
  readonly passed: ReadonlySet<string>;
  readonly activate: (question: string) => void;
  /** To the next or the one before, round and round. */
  readonly step: (by: 1 | -1) => void;
  /** To the next that nothing is said to yet. @returns whether there is one */
  readonly goOn: () => boolean;
  readonly pass: (questions: ReadonlySet<string>) => void;
}

/** Which of several questions the person is at. A new item begins with the first that nothing is said to. */
export function useActiveQuestion(workbench: Workbench, questions: readonly Question[], item: number | null): ActiveQuestion {
  const firstOpen = () => {
    const open = workbench.unanswered();
    return questions.find(({ id }) => open.includes(id))?.id ?? questions[0].id;
  };
  const [at, setAt] = useState(() => ({ item, question: firstOpen(), passed: none }));
  if (at.item !== item) setAt({ item, question: firstOpen(), passed: none });
  const place = Math.max(
    0,
    questions.findIndex(({ id }) => id === at.question),
  );
  const activate = (question: string) => setAt((before) => ({ ...before, question }));
  return {
    active: questions[place],
    passed: at.passed,
    activate,
    step: (by) => activate(questions[(place + by + questions.length) % questions.length].id),
    goOn: () => {
      const open = workbench.unanswered().filter((id) => !at.passed.has(id));
      const next = [...questions.slice(place + 1), ...questions.slice(0, place)].find(({ id }) => open.includes(id));
      if (next) activate(next.id);
      return next !== undefined;
    },
    pass: (passed) => setAt((before) => ({ ...before, passed })),
  };
}

const none: ReadonlySet<string> = new Set();
