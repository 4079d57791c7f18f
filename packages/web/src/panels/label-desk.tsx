import { lazy, Suspense, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { ItemDetail } from '@labelwright/contract/items';
import { type Bench, chosen } from '../state/bench.ts';
import { chosenFurther, itemUnder } from '../state/further-answers.ts';
import { useActiveQuestion } from '../state/use-active-question.ts';
import { type CommandId, commandOn, keyNames } from '../state/keymap.ts';
import { titleOf } from '../design/label-chip.tsx';
import type { Question } from '../state/label-tree.ts';
import { ownKeys } from '../state/own-keys.ts';
import { useProject } from '../state/project.ts';
import { usePalettes } from '../state/use-palette.ts';
import { usePageKeys } from '../state/use-page-keys.ts';
import { useStored } from '../state/use-stored.ts';
import type { Order } from '../state/queue-supply.ts';
import type { Workbench, WorkbenchState } from '../state/workbench.ts';
import { AuditBanner } from './audit-banner.tsx';
import { LabelAnswer } from './label-answer.tsx';
import classes from './label-desk.module.css';
import { LabelItem } from './label-item.tsx';
import { LabelQueue } from './label-queue.tsx';

const KeysDialog = lazy(() => import('./keys-dialog.tsx'));
const GuidelinesPanel = lazy(() => import('./guidelines-panel.tsx'));

interface LabelDeskProps {
  readonly workbench: Workbench | undefined;
  readonly question: Question;
  /** Its items are labeled, blind. */
  readonly audit: number | undefined;
  readonly order: Order;
  readonly onOrder: (order: Order, question: string) => void;
}

/** The three columns of the workbench, drawn before there is anything in them: nothing moves when it comes. */
export function LabelDesk({ workbench, ...rest }: LabelDeskProps) {
  const desk = workbench ? <RunningDesk workbench={workbench} {...rest} /> : <div className={classes.desk} aria-busy />;
  return (
    <div className={`lw-full ${classes.frame}`}>
      {rest.audit !== undefined && <AuditBanner audit={rest.audit} workbench={workbench} />}
      {desk}
    </div>
  );
}

function RunningDesk({ workbench, question, audit, order, onOrder }: LabelDeskProps & { workbench: Workbench }) {
  const { schema } = useProject();
  const questions = audit === undefined ? schema.questions : only(question);
  const isSeveral = questions.length > 1;
  const state = useSyncExternalStore(workbench.subscribe, workbench.get);
  const palettes = usePalettes(questions);
  const [showsEvidence, setShowsEvidence] = useStored<boolean>('labelwright-evidence', true);
  const [isAtOnce, setAtOnce] = useStored<boolean>('labelwright-at-once', false);
  const [showsGuidelines, setShowsGuidelines] = useState(false);
  const [showsKeys, setShowsKeys] = useState(false);
  const [isFlagging, setFlagging] = useState(false);
  const [missing, setMissing] = useState(false);
  const [pointed, setPointed] = useState<string>();
  const comment = useRef<HTMLTextAreaElement>(null);
  const seek = useRef<HTMLInputElement>(null);
  const { current } = state.bench;
  const found = current === null ? undefined : state.known.get(current);

  const { active, passed, activate, step, goOn, pass } = useActiveQuestion(workbench, questions, current);
  const asked = questions.map((each, at) => ({
    question: each,
    palette: palettes[at],
    chosen: chosenFor(state.bench, found?.item, each.id === question.id ? undefined : each.id),
    isPassed: passed.has(each.id),
  }));
  const { palette, chosen: labels } = asked.find((each) => each.question === active) ?? asked[0];
  const { reset } = palette;
  useEffect(() => {
    reset();
    setMissing(false);
    setFlagging(false);
    setPointed(undefined);
  }, [current, reset]);

  const submit = () => {
    const isMain = active.id === question.id;
    const isEmpty = isSeveral && workbench.unanswered().includes(active.id);
    if (isEmpty && isMain && !active.multiple) {
      setMissing(true);
      return;
    }
    // Enter on a question with nothing chosen is knowing: none applies, or it stays open.
    const left = isEmpty ? new Set([...passed, active.id]) : passed;
    const lacks = workbench.submit(left);
    setMissing(lacks === 'no-label');
    if (lacks === 'no-label') activate(question.id);
    if (typeof lacks !== 'object') return;
    pass(left);
    if (!goOn()) activate(lacks.question);
  };
  const pick = (label: string, of: string = active.id) => {
    const answered = questions.find(({ id }) => id === of) ?? active;
    if (of === question.id) workbench.pick(label);
    else workbench.pickFurther(of, label);
    setMissing(false);
    if (of !== active.id) activate(of);
    const isBranch = palettes[questions.indexOf(answered)].rows.some((row) => row.label.id === label && row.hasChildren);
    if (answered.multiple || isBranch) return;
    if (isSeveral && of === active.id && goOn()) return;
    if (isAtOnce && (!isSeveral || workbench.unanswered().length === 0)) submit();
  };

  const acts: Partial<Record<CommandId, () => void>> = {
    submit,
    skip: () => workbench.skip(),
    flag: () => setFlagging(found !== undefined),
    comment: () => comment.current?.focus(),
    clear: () => (active.id === question.id ? workbench.choose([]) : workbench.chooseFurther(active.id, [])),
    undo: () => workbench.undo(),
    redo: () => workbench.redo(),
    back: () => workbench.move(-1),
    forth: () => workbench.move(1),
    ...(isSeveral && { 'next-question': () => step(1), 'previous-question': () => step(-1) }),
    find: () => seek.current?.focus(),
    guidelines: () => setShowsGuidelines((is) => !is),
    evidence: () => setShowsEvidence(!showsEvidence),
    help: () => setShowsKeys(true),
  };
  usePageKeys((event) => {
    const names = keyNames(event);
    // Where the item is scrolled by keys, it is scrolled.
    if (['ArrowUp', 'ArrowDown'].includes(event.key) && event.target instanceof Element && event.target.matches('[data-scrolls]'))
      return false;
    const isRepeat = event.repeat;
    const key = names.find((name) => palette.keys.has(name));
    if (key !== undefined) {
      const label = palette.press(key);
      if (label !== undefined && !isRepeat) pick(label);
      return true;
    }
    const command = commandOn('label', names, ownKeys.get());
    const act = command && acts[command];
    if (!act) {
      if (names[0] !== 'Escape') return false;
      setShowsGuidelines(false);
      palette.reset();
      return true;
    }
    // A key that is held down must not answer a row of items unseen.
    if (!isRepeat || ['undo', 'redo', 'back', 'forth'].includes(command)) act();
    return true;
  });

  const labelNames = useMemo(() => new Map([...palette.keys].map(([key, label]) => [key, titleOf(active, label)])), [palette.keys, active]);
  const taken = useMemo(() => new Set(palette.keys.keys()), [palette.keys]);
  return (
    <div className={classes.desk} data-audit={audit !== undefined || undefined}>
      <h1 className="lw-hidden">Label</h1>
      <div className={classes.left} data-guidelines={showsGuidelines || undefined}>
        {showsGuidelines ? (
          <Suspense>
            <GuidelinesPanel guidelines={schema.guidelines} question={active} close={() => setShowsGuidelines(false)} />
          </Suspense>
        ) : (
          <LabelQueue
            workbench={workbench}
            state={state}
            question={question}
            questions={questions}
            order={order}
            onOrder={audit === undefined ? onOrder : undefined}
          />
        )}
      </div>
      <LabelItem
        workbench={workbench}
        state={state}
        question={active}
        showsEvidence={showsEvidence}
        pointed={pointed}
        commentRef={comment}
      />
      <LabelAnswer
        question={active}
        palette={palette}
        item={found && itemUnder(found.item, active.id)}
        whole={found?.item}
        asked={asked}
        onActivate={activate}
        chosen={labels}
        showsEvidence={showsEvidence}
        isMissing={missing}
        isAtOnce={isAtOnce}
        isFlagging={isFlagging}
        taken={taken}
        seekRef={seek}
        onPick={pick}
        onSubmit={submit}
        onSkip={() => workbench.skip()}
        onFlag={(note) => workbench.flag(note)}
        onFlagging={setFlagging}
        onAtOnce={setAtOnce}
        onEvidence={() => setShowsEvidence(!showsEvidence)}
        onGuidelines={() => setShowsGuidelines((is) => !is)}
        onKeys={() => setShowsKeys(true)}
        onPoint={setPointed}
      />
      <div className="lw-hidden" role="status">
        {wordsFor(state)}
      </div>
      {showsKeys && (
        <Suspense>
          <KeysDialog
            page="label"
            labels={labelNames}
            without={isSeveral ? [] : ['next-question', 'previous-question']}
            close={() => setShowsKeys(false)}
          />
        </Suspense>
      )}
    </div>
  );
}

/** The same list each time: what depends on it is not made anew. */
const lists = new WeakMap<Question, readonly Question[]>();
function only(question: Question): readonly Question[] {
  const list = lists.get(question) ?? [question];
  lists.set(question, list);
  return list;
}

/** @param question another one than that of the queue */
function chosenFor(bench: Bench, item: ItemDetail | undefined, question: string | undefined): readonly string[] {
  if (!item) return [];
  return question === undefined ? chosen(bench, item.ordinal) : chosenFurther(bench, item, question);
}

function wordsFor({ said, bench, known, phase }: WorkbenchState): string {
  if (phase === 'finished') return `${said} Nothing waits for you.`;
  const found = bench.current === null ? undefined : known.get(bench.current);
  return found ? `${said} Item ${found.item.id}${found.reason === null ? '' : `, ${found.reason}`}` : said;
}
