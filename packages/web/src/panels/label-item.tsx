import { Button, Skeleton } from '@mantine/core';
import { CallError } from '@labelwright/contract/client';
import type { ReactNode, RefObject } from 'react';
import { messageOf } from '../api.ts';
import { ItemContent, ItemFields, marksOf } from '../design/item-content.tsx';
import { Later } from '../design/later.tsx';
import { EmptyState } from '../design/notices.tsx';
import { placeOf } from '../state/bench.ts';
import { itemUnder } from '../state/further-answers.ts';
import type { Question } from '../state/label-tree.ts';
import { useProject } from '../state/project.ts';
import type { Workbench, WorkbenchState } from '../state/workbench.ts';
import { AuditDone } from './audit-banner.tsx';
import { CommentBox } from './comment-box.tsx';
import classes from './label-desk.module.css';
import { NothingWaits } from './nothing-waits.tsx';

interface LabelItemProps {
  readonly workbench: Workbench;
  readonly state: WorkbenchState;
  readonly question: Question;
  readonly showsEvidence: boolean;
  readonly pointed: string | undefined;
  readonly commentRef: RefObject<HTMLTextAreaElement | null>;
}

/** The item itself, the largest thing on the screen; or why there is none. */
export function LabelItem({ workbench, state, question, showsEvidence, pointed, commentRef }: LabelItemProps) {
  const { settings } = useProject();
  const { current } = state.bench;
  const found = current === null ? undefined : state.known.get(current);
  if (current === null || !found) {
    return (
      <section className={classes.item} aria-label="Item">
        <Absence workbench={workbench} state={state} />
      </section>
    );
  }
  const { reason } = found;
  const item = itemUnder(found.item, question.id);
  const said = placeOf(state.bench, current)?.said;
  return (
    <section className={classes.item} aria-label="Item">
      <header className={classes.itemHead}>
        <div className={classes.column}>
          <span className={classes.itemId} title={item.id}>
            {item.id}
          </span>
          {reason !== null && <span className={classes.reason}>{reason}</span>}
          {said && <span className={classes.reason}>answered: Enter goes on</span>}
          {item.flagged && <span className={classes.reason}>flagged</span>}
          {state.refused.has(current) && (
            <span className={classes.refused}>the server did not take your answer: see the top of the page</span>
          )}
        </div>
      </header>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be within reach of the keyboard */}
      <div className={classes.content} key={item.ordinal} data-scrolls tabIndex={0} aria-label={`Item ${item.id}`} role="group">
        <div className={classes.column}>
          <ItemContent parts={item.parts} question={question} marks={showsEvidence ? marksOf(item.evidence) : []} pointed={pointed} />
        </div>
      </div>
      <footer className={classes.itemFoot}>
        <div className={classes.column}>
          <ItemFields fields={item.fields} names={settings.metadataFields} />
          <CommentBox
            key={item.ordinal}
            comments={item.comments}
            own={state.comments.get(item.ordinal) ?? []}
            draft={workbench.written(item.ordinal)}
            onWrite={(text) => workbench.write(text)}
            onSend={(text) => workbench.comment(text)}
            inputRef={commentRef}
          />
        </div>
      </footer>
    </section>
  );
}

function Absence({ workbench, state: { phase, problem, figures, audit } }: Pick<LabelItemProps, 'workbench' | 'state'>): ReactNode {
  if (problem !== null) {
    const isOffline = problem instanceof CallError && problem.status === 0;
    return (
      <EmptyState
        title={isOffline ? 'The server cannot be reached' : 'The next items cannot be read'}
        action={
          <Button variant="default" onClick={() => workbench.wake()}>
            Try again
          </Button>
        }
      >
        {isOffline
          ? 'You have answered all that was here. Nothing is lost: your answers wait in this browser and are sent as soon as the server is back. You can go back over the last ones (←).'
          : messageOf(problem)}
      </EmptyState>
    );
  }
  if (phase === 'finished' && audit !== null) return <AuditDone audit={audit.id} />;
  if (phase === 'finished') return <NothingWaits done={figures.done} lookAgain={() => workbench.wake()} />;
  return (
    <Later>
      <div className={classes.column} aria-label="Loading" role="img">
        <Skeleton height={24} width="60%" mt={48} mb={20} />
        {[96, 88, 93, 70, 84].map((width) => (
          <Skeleton key={width} height={14} width={`${width}%`} mb={12} />
        ))}
      </div>
    </Later>
  );
}
