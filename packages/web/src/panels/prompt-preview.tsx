import type { Labeler } from '@labelwright/contract/labelers';
import type { PromptPreview as Preview } from '@labelwright/contract/llm';
import { Button, Text } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, messageOf } from '../api.ts';
import { LabelChip } from '../design/label-chip.tsx';
import { count, percent, smallDollars } from '../design/numbers.tsx';
import type { Options } from '../state/labeler-draft.ts';
import { useProject, useQuestion } from '../state/project.ts';
import { useAskingCost } from './asking-cost.tsx';
import classes from './prompt.module.css';

const shownItems = 3;

/** The prompt exactly as it is sent, for real items; on demand the answers too. */
export function PromptPreview({ options }: { options: Options }) {
  const { id: project } = useProject();
  const { id: question } = useQuestion();
  const [seed, setSeed] = useState(0);
  const [trial, setTrial] = useState<{ readonly of: string; readonly preview: Preview }>();
  const [fault, setFault] = useState<unknown>();
  const [isAsking, setAsking] = useState(false);
  const body = { with: options as Labeler['with'], question, items: shownItems, seed };
  const key = JSON.stringify(body);
  const preview = useQuery({
    queryKey: ['prompt-preview', project, key],
    queryFn: ({ signal }) => api.previewPrompt({ params: { project }, body }, { signal }),
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 60_000,
  });
  const cost = useAskingCost(options, undefined).data;
  const price = cost && cost.items > 0 ? (cost.usd / cost.items) * shownItems : undefined;
  const ask = async () => {
    setAsking(true);
    setFault(undefined);
    try {
      setTrial({ of: key, preview: await api.previewPrompt({ params: { project }, body: { ...body, ask: true } }) });
    } catch (error) {
      setFault(error);
    } finally {
      setAsking(false);
    }
  };
  return (
    <div>
      <div className={classes.bar}>
        <Button variant="default" loading={isAsking} onClick={() => void ask()}>
          Try it on these{price !== undefined && price > 0 && ` (about ${smallDollars(price)})`}
        </Button>
        <Button variant="subtle" color="gray" onClick={() => setSeed(seed + 1)}>
          Another three items
        </Button>
      </div>
      <div role="status">
        {fault !== undefined && (
          <Text size="sm" c="var(--lw-error)" mt="sm">
            {messageOf(fault)}
          </Text>
        )}
        {trial?.of === key && <Answers preview={trial.preview} />}
      </div>
      {preview.error && (
        <Text size="sm" c="var(--lw-error)" mt="sm" role="alert">
          {messageOf(preview.error)}
        </Text>
      )}
      {preview.data && <Sent requests={preview.data.requests} isStale={preview.isPlaceholderData} />}
    </div>
  );
}

function Answers({ preview: { answers, usd, milliseconds } }: { preview: Preview }) {
  const question = useQuestion();
  return (
    <>
      <ul className={classes.answers} aria-label="Answers">
        {answers.map(({ ordinal, id, labels, confidence, failure, gold }) => (
          <li key={ordinal} className={classes.answer}>
            <Text span size="sm" c="dimmed">
              {id}
            </Text>
            {labels?.map((label) => (
              <LabelChip key={label} question={question} label={label} />
            ))}
            {failure !== null && (
              <Text span size="sm" c="var(--lw-error)">
                {failure}
              </Text>
            )}
            {labels === null && failure === null && <Text span>cannot tell</Text>}
            {labels?.length === 0 && <Text span>none applies</Text>}
            {confidence !== null && (
              <Text span size="xs" c="dimmed">
                {percent(confidence)} sure
              </Text>
            )}
            {gold && (
              <Text span size="xs" c={sameLabels(labels, gold) ? 'dimmed' : 'var(--lw-error)'}>
                gold: {gold.join(', ') || 'none'} {sameLabels(labels, gold) ? '✓ right' : '✗ wrong'}
              </Text>
            )}
          </li>
        ))}
      </ul>
      <Text size="xs" c="dimmed" mt="xs">
        {smallDollars(usd)} · {count(Math.round(milliseconds))} ms
      </Text>
    </>
  );
}

function sameLabels(a: readonly string[] | null, b: readonly string[]): boolean {
  return a !== null && a.length === b.length && a.every((label) => b.includes(label));
}

/** The system text is the same for all: it is shown once. */
function Sent({ requests, isStale }: { requests: Preview['requests']; isStale: boolean }) {
  if (requests.length === 0)
    return (
      <Text c="dimmed" mt="md">
        No item has a part that can be shown to a language model.
      </Text>
    );
  return (
    <div className={classes.sent} aria-busy={isStale} role="region" aria-label="As it is sent">
      <div className={classes.role}>System, the same for every item</div>
      <pre className={classes.text} tabIndex={0} aria-label="System text">
        {requests[0].system}
      </pre>
      {requests.map(({ items, messages }) =>
        messages.map(({ role, text, images }, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- messages of a request have no other name
          <div key={`${items[0]?.ordinal} ${index}`}>
            <div className={classes.role}>
              {role === 'user' ? 'User' : 'Assistant'}, {items.map(({ id }) => id).join(', ')}
              {images > 0 && `, with ${images} pictures`}
            </div>
            <pre className={classes.text} tabIndex={0} aria-label={`Message about ${items.map(({ id }) => id).join(', ')}`} dir="auto">
              {text}
            </pre>
          </div>
        )),
      )}
    </div>
  );
}
