import type { ItemDetail } from '@labelwright/contract/items';
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { api } from '../api.ts';
import { showFault } from '../design/toasts.tsx';
import type { Entry } from '../state/browser-database.ts';
import { browserOutbox } from '../state/browser-outbox.ts';
import type { Action } from '../state/outbox-action.ts';

/** What the server did not take, with what can be done about it. Nothing of it goes away by itself. */
export default function RefusedAnswers({ close }: { close: () => void }) {
  const [entries, setEntries] = useState<readonly Entry[]>();
  useEffect(() => {
    let stop: (() => void) | undefined;
    let isOver = false;
    browserOutbox().then((outbox) => {
      const read = () =>
        void outbox.entries().then((all) => {
          const refused = all.filter(({ refusal }) => refusal);
          if (refused.length === 0) close();
          else if (!isOver) setEntries(refused);
        }, showFault);
      if (isOver) return;
      stop = outbox.listen(read);
      read();
    }, showFault);
    return () => {
      isOver = true;
      stop?.();
    };
  }, [close]);
  return (
    <Modal opened onClose={close} title="The server did not take these" size="lg" closeButtonProps={{ 'aria-label': 'Close' }}>
      <Stack gap="lg">
        {entries?.map((entry) => (
          <Refused key={entry.seq} entry={entry} close={close} />
        ))}
      </Stack>
    </Modal>
  );
}

function Refused({ entry, close }: { entry: Entry; close: () => void }) {
  const { action, refusal } = entry;
  // Where the item has all the answers that the project asks for, sending again will not help.
  const isStale = refusal?.code === 'stale-version' && action.kind === 'submit';
  const item = useQuery({
    queryKey: ['refused', action.id],
    queryFn: () =>
      action.kind === 'submit'
        ? api.getItem({
            params: { project: action.project, ordinal: action.ordinal },
            query: { question: action.question, ...(action.also && { further: 'true' }) },
          })
        : null,
    enabled: refusal?.status === 409 && action.kind === 'submit',
    staleTime: 0,
  });
  const decide = (work: (outbox: Awaited<ReturnType<typeof browserOutbox>>) => Promise<void>) =>
    void browserOutbox().then(work).catch(showFault);
  const theirs = item.data?.answers.findLast(({ kind }) => kind !== 'retract');
  return (
    <Stack gap="xs" component="section" aria-label={titleOf(action, item.data?.id)}>
      <Text fw={550}>{titleOf(action, item.data?.id)}</Text>
      <Text c="dimmed">{refusal?.message}</Text>
      {theirs && (
        <Text>
          {theirs.person} said {theirs.labels?.join(', ') || theirs.kind}.
        </Text>
      )}
      <Group gap="sm">
        <Button
          variant="default"
          disabled={isStale && !item.data}
          onClick={() => decide((outbox) => outbox.retry(entry.seq, item.data ? versionsOf(item.data) : undefined))}
        >
          {isStale ? 'Keep mine' : 'Send again'}
        </Button>
        <Button variant="default" onClick={() => decide((outbox) => outbox.drop(entry))}>
          {isStale ? 'Keep theirs' : 'Let it go'}
        </Button>
        {'ordinal' in action && (
          <Link to="/projects/$project/label" params={{ project: action.project }} search={{ item: action.ordinal }} onClick={close}>
            Look at the item
          </Link>
        )}
      </Group>
    </Stack>
  );
}

function titleOf(action: Action, id?: string): string {
  if (action.kind === 'bulk') return `You labeled many items ${action.labels.join(', ')}`;
  if (action.kind === 'undo' && !action.of) return 'You took back the labels of many items';
  const ordinal = action.kind === 'undo' ? action.of?.ordinal : action.ordinal;
  const name = id ?? `#${ordinal}`;
  if (action.kind === 'comment') return `Your comment on ${name}: ${action.text}`;
  if (action.kind === 'undo') return `${name}: you took your answer back`;
  const { given, also = [] } = action;
  const words = [given.kind === 'answer' ? given.labels : [given.kind], ...also.map(({ labels }) => labels)];
  return `${name}: you said ${words.map((labels) => labels.join(', ') || 'none applies').join('; ')}`;
}

/** Under each question that is here. */
function versionsOf({ question, version, further = [] }: ItemDetail): { question: string; version: number }[] {
  return [{ question, version }, ...further.map((other) => ({ question: other.question, version: other.version }))];
}
