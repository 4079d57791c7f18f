import type { ItemDetail } from '@labelwright/contract/items';
import { ActionIcon, Button, Skeleton } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, type RefObject, useEffect, useState } from 'react';
import { api, keys } from '../api.ts';
import { EvidenceList } from '../design/evidence-list.tsx';
import { ItemContent, ItemFields, marksOf } from '../design/item-content.tsx';
import { LabelChip } from '../design/label-chip.tsx';
import { Later } from '../design/later.tsx';
import { Moment } from '../design/moment.tsx';
import { ErrorNotice } from '../design/notices.tsx';
import { PosteriorBars } from '../design/posterior-bars.tsx';
import { showFault } from '../design/toasts.tsx';
import { browserOutbox } from '../state/browser-outbox.ts';
import { decisionWords } from '../state/item-filter.ts';
import { picked, type Question } from '../state/label-tree.ts';
import { newActionId } from '../state/new-action-id.ts';
import type { Given } from '../state/outbox-action.ts';
import { useMay, useProject } from '../state/project.ts';
import { setGold } from '../state/quality.ts';
import { usePalette } from '../state/use-palette.ts';
import { AnswerPalette } from './answer-palette.tsx';
import { CommentBox } from './comment-box.tsx';
import classes from './item-panel.module.css';

interface ItemPanelProps {
  readonly ordinal: number;
  readonly question: Question;
  readonly onAnswer: (item: ItemDetail, given: Given, words: string) => void;
  readonly close: () => void;
  /** Whether the keys of labels are for this item; then `press` takes them. */
  readonly hasKeys: boolean;
  readonly press: RefObject<((key: string) => boolean) | null>;
}

/** One item beside the table: what it says, what is believed of it and why, what people said; and how to say something else. */
export function ItemPanel({ ordinal, question, onAnswer, close, hasKeys, press }: ItemPanelProps) {
  const { id: project, settings } = useProject();
  const mayChange = useMay('manager');
  const [pointed, setPointed] = useState<string>();
  const query = useQuery({
    queryKey: [...keys.items(project), 'one', ordinal, question.id],
    queryFn: () => api.getItem({ params: { project, ordinal }, query: { question: question.id } }),
    // The next one takes the place of this one without a blank in between.
    placeholderData: keepPreviousData,
  });
  const item = query.data;
  return (
    <aside className={classes.panel} aria-label="Item" aria-busy={query.isPlaceholderData || undefined}>
      <header className={classes.head}>
        <h2 className={classes.id} title={item?.id}>
          {item?.id ?? ''}
        </h2>
        <Link to="/projects/$project/label" params={{ project }} search={{ item: ordinal }} className={classes.link}>
          Open in Label
        </Link>
        <ActionIcon variant="subtle" color="gray" aria-label="Close" onClick={close}>
          <IconX size={16} aria-hidden />
        </ActionIcon>
      </header>
      {query.error && !item && <ErrorNotice error={query.error} retry={() => void query.refetch()} />}
      {!item && !query.error && (
        <Later>
          <div className={classes.body}>
            <Skeleton height={16} width="70%" mb={12} />
            <Skeleton height={80} />
          </div>
        </Later>
      )}
      {item && (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be within reach of the keyboard
        <div className={classes.body} tabIndex={0} role="group" aria-label={`Item ${item.id}`} key={item.ordinal}>
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be within reach of the keyboard */}
          <div className={classes.content} tabIndex={0} role="group" aria-label="Content">
            <ItemContent parts={item.parts} question={question} marks={marksOf(item.evidence)} pointed={pointed} />
          </div>
          <ItemFields fields={item.fields} names={settings.metadataFields} />
          <Answer item={item} question={question} onAnswer={onAnswer} hasKeys={hasKeys} press={press} />
          {item.posterior && (
            <Part title="How likely">
              <PosteriorBars question={question} labels={item.labels} posterior={item.posterior} />
            </Part>
          )}
          <Part title="Evidence">
            {item.evidence ? (
              <EvidenceList evidence={item.evidence} question={question} onPoint={setPointed} />
            ) : (
              <p className={classes.quiet}>Hidden in this project.</p>
            )}
          </Part>
          <History item={item} question={question} />
          {mayChange && <Gold item={item} question={question} project={project} />}
          <Comments item={item} project={project} />
        </div>
      )}
    </aside>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes.part} aria-label={title}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

interface AnswerProps extends Pick<ItemPanelProps, 'question' | 'onAnswer' | 'hasKeys' | 'press'> {
  readonly item: ItemDetail;
}

function Answer({ item, question, onAnswer, hasKeys, press }: AnswerProps) {
  const palette = usePalette(question);
  const said = item.decision === 'answered' ? (item.answer ?? []) : [];
  const [changed, setChanged] = useState<readonly string[]>();
  const chosen = changed ?? said;
  const answer = (labels: readonly string[]) => {
    setChanged(labels);
    onAnswer(item, { kind: 'answer', labels }, labels.join(', ') || 'none applies');
  };
  const pick = (label: string) => (question.multiple ? setChanged(picked(chosen, label, true)) : answer([label]));
  useEffect(() => {
    press.current = (key) => {
      if (!palette.keys.has(key)) return false;
      const label = palette.press(key);
      if (label !== undefined) pick(label);
      return true;
    };
    return () => {
      press.current = null;
    };
  });
  return (
    <Part title={`Answer: ${decisionWords[item.decision]}${item.flagged ? ', flagged' : ''}`}>
      <AnswerPalette question={question} palette={palette} chosen={chosen} posterior={null} hasKeys={hasKeys} onPick={pick} />
      <div className={classes.buttons}>
        {question.multiple && (
          <Button disabled={changed === undefined} onClick={() => answer(chosen)}>
            Save the answer
          </Button>
        )}
        <Button variant="default" onClick={() => onAnswer(item, { kind: 'flag' }, 'flagged')} disabled={item.flagged}>
          Flag
        </Button>
      </div>
    </Part>
  );
}

/** What is true by decree: scores labelers, people and the machine. */
function Gold({ item, question, project }: { item: ItemDetail; question: Question; project: number }) {
  const { gold = null, answer } = item;
  const choices = question.labels.slice(0, 12).map(({ id, title }) => ({ id, title: title ?? id }));
  return (
    <Part title="Gold">
      <p className={classes.quiet}>
        {gold === null
          ? 'Not set. '
          : gold.length === 0
            ? 'None applies. '
            : gold.map((label) => <LabelChip key={label} question={question} label={label} />)}
      </p>
      <div className={classes.buttons}>
        {!question.multiple && choices.length <= 6 ? (
          choices.map(({ id, title }) => (
            <Button
              key={id}
              size="compact-xs"
              variant="default"
              aria-pressed={gold?.[0] === id}
              disabled={gold?.[0] === id}
              aria-label={`Set gold to ${title}`}
              onClick={() => void setGold(project, question.id, item, [id])}
            >
              {title}
            </Button>
          ))
        ) : (
          <Button
            size="compact-xs"
            variant="default"
            disabled={answer === null}
            onClick={() => void setGold(project, question.id, item, answer ?? [])}
          >
            Set to the present answer
          </Button>
        )}
        {gold !== null && (
          <Button size="compact-xs" variant="subtle" color="gray" onClick={() => void setGold(project, question.id, item, null)}>
            Take away
          </Button>
        )}
      </div>
    </Part>
  );
}

function History({ item, question }: { item: ItemDetail; question: Question }) {
  if (item.answers.length === 0) return null;
  return (
    <Part title="What people said">
      <ul className={classes.history}>
        {item.answers.toReversed().map(({ id, person, kind, labels, note, createdAt }) => (
          <li key={id}>
            <b>{person}</b>{' '}
            {kind === 'answer'
              ? (labels ?? []).map((label) => <LabelChip key={label} question={question} label={label} />)
              : { skip: 'skipped', flag: 'flagged', retract: 'took it back' }[kind]}
            {kind === 'answer' && labels?.length === 0 && 'none applies'} {note && <span dir="auto">{note}</span>}{' '}
            <small>
              <Moment time={createdAt} />
            </small>
          </li>
        ))}
      </ul>
    </Part>
  );
}

function Comments({ item, project }: { item: ItemDetail; project: number }) {
  const [own, setOwn] = useState<readonly { id: string; text: string }[]>([]);
  const send = async (text: string) => {
    const id = newActionId();
    setOwn([...own, { id, text }]);
    await (await browserOutbox()).add({ kind: 'comment', id, project, ordinal: item.ordinal, text });
  };
  return (
    <Part title="Comments">
      <CommentBox comments={item.comments} own={own} draft="" onSend={(text) => void send(text).catch(showFault)} />
    </Part>
  );
}
