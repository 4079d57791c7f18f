import { lazy, Suspense, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { chosen } from '../state/bench.ts';
import { type CommandId, commandOn, keyNames } from '../state/keymap.ts';
import { titleOf } from '../design/label-chip.tsx';
import type { Question } from '../state/label-tree.ts';
import { ownKeys } from '../state/own-keys.ts';
import { useProject } from '../state/project.ts';
import { usePalette } from '../state/use-palette.ts';
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
  readonly onOrder: (order: Order) => void;
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
  const state = useSyncExternalStore(workbench.subscribe, workbench.get);
  const palette = usePalette(question);
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

  const { reset } = palette;
  useEffect(() => {
    reset();
    setMissing(false);
    setFlagging(false);
    setPointed(undefined);
  }, [current, reset]);

  const submit = () => setMissing(workbench.submit() === 'no-label');
  const pick = (label: string) => {
    workbench.pick(label);
    setMissing(false);
    const isBranch = palette.rows.some((row) => row.label.id === label && row.hasChildren);
    if (isAtOnce && !question.multiple && !isBranch) submit();
  };

  const acts: Partial<Record<CommandId, () => void>> = {
    submit,
    skip: () => workbench.skip(),
    flag: () => setFlagging(found !== undefined),
    comment: () => comment.current?.focus(),
    clear: () => workbench.choose([]),
    undo: () => workbench.undo(),
    redo: () => workbench.redo(),
    back: () => workbench.move(-1),
    forth: () => workbench.move(1),
    find: () => seek.current?.focus(),
    guidelines: () => setShowsGuidelines((is) => !is),
    evidence: () => setShowsEvidence(!showsEvidence),
    help: () => setShowsKeys(true),
  };
  usePageKeys((event) => {
    const names = keyNames(event);
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

  const labelNames = useMemo(
    () => new Map([...palette.keys].map(([key, label]) => [key, titleOf(question, label)])),
    [palette.keys, question],
  );
  const taken = useMemo(() => new Set(palette.keys.keys()), [palette.keys]);
  return (
    <div className={classes.desk} data-audit={audit !== undefined || undefined}>
      <h1 className="lw-hidden">Label</h1>
      <div className={classes.left} data-guidelines={showsGuidelines || undefined}>
        {showsGuidelines ? (
          <Suspense>
            <GuidelinesPanel guidelines={schema.guidelines} question={question} close={() => setShowsGuidelines(false)} />
          </Suspense>
        ) : (
          <LabelQueue
            workbench={workbench}
            state={state}
            question={question}
            order={order}
            onOrder={audit === undefined ? onOrder : undefined}
          />
        )}
      </div>
      <LabelItem
        workbench={workbench}
        state={state}
        question={question}
        showsEvidence={showsEvidence}
        pointed={pointed}
        commentRef={comment}
      />
      <LabelAnswer
        question={question}
        palette={palette}
        item={found?.item}
        chosen={current === null ? [] : chosen(state.bench, current)}
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
          <KeysDialog page="label" labels={labelNames} close={() => setShowsKeys(false)} />
        </Suspense>
      )}
    </div>
  );
}

function wordsFor({ said, bench, known, phase }: WorkbenchState): string {
  if (phase === 'finished') return `${said} Nothing waits for you.`;
  const found = bench.current === null ? undefined : known.get(bench.current);
  return found ? `${said} Item ${found.item.id}${found.reason === null ? '' : `, ${found.reason}`}` : said;
}
