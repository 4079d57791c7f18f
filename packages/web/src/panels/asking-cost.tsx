import type { CostEstimate } from '@labelwright/contract/llm';
import { Text } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Labeler } from '@labelwright/contract/labelers';
import { api, keys, messageOf } from '../api.ts';
import { count, smallDollars } from '../design/numbers.tsx';
import type { Options } from '../state/labeler-draft.ts';
import { canAsk } from '../state/prompt-options.ts';
import { useProject, useQuestion } from '../state/project.ts';
import classes from './prompt.module.css';

/** What asking about all items will cost: tokens counted on a sample. */
export function useAskingCost(options: Options, labeler: Pick<Labeler, 'id'> | undefined) {
  const { id: project, items } = useProject();
  const { id: question } = useQuestion();
  return useQuery({
    queryKey: [...keys.askings(project), 'estimate', question, labeler?.id, JSON.stringify(options)],
    queryFn: ({ signal }) =>
      api.estimateAsking(
        {
          params: { project },
          body: { with: options, question, ...(labeler && { labeler: labeler.id }) },
        },
        { signal },
      ),
    enabled: items > 0 && canAsk(options),
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 30_000,
  });
}

/** The price before it runs, with its range and the most that it can be. */
export function AskingCost({ cost }: { cost: ReturnType<typeof useAskingCost> }) {
  if (cost.error && !cost.isPlaceholderData)
    return (
      <div className={classes.cost} role="alert">
        <Text size="sm" c="var(--lw-error)">
          {messageOf(cost.error)}
        </Text>
      </div>
    );
  if (!cost.data) return <div className={classes.cost}>{cost.isFetching && <Text c="dimmed">Counting tokens …</Text>}</div>;
  return (
    <div className={classes.cost} aria-busy={cost.isPlaceholderData} role="group" aria-label="Price">
      <Sum cost={cost.data} />
      <Text size="sm" c="dimmed">
        {itemWords(cost.data)}
      </Text>
      {cost.data.items > 0 && (
        <Text size="xs" c="dimmed">
          {priceWords(cost.data)}
        </Text>
      )}
    </div>
  );
}

function Sum({ cost: { items, usd, lowUsd, highUsd, maximumUsd, prices } }: { cost: CostEstimate }) {
  if (items === 0) return <div className={classes.sum}>Nothing to pay</div>;
  if (prices.source === 'own-machine') return <div className={classes.sum}>Free: it runs on your own machine</div>;
  return (
    <div>
      <span className={classes.sum}>≈ {smallDollars(usd)}</span>{' '}
      <Text span size="sm" c="dimmed">
        {smallDollars(lowUsd)} to {smallDollars(highUsd)}; {smallDollars(maximumUsd)} if every reply is as long as it may be
      </Text>
    </div>
  );
}

function itemWords({ items, answered, requests, inputTokens, outputTokens, unshowable }: CostEstimate): string {
  const parts = [
    items === 0
      ? 'Every item has an answer of this version.'
      : `${count(items)} items in ${count(requests)} calls, about ${count(Math.round(inputTokens))} tokens in and ${count(Math.round(outputTokens))} out.`,
    ...(items > 0 && answered > 0 ? [`${count(answered)} are answered already: they cost nothing.`] : []),
    ...(unshowable > 0 ? [`${count(unshowable)} have nothing that could be shown.`] : []),
  ];
  return parts.join(' ');
}

function priceWords({ prices: { model, inputUsd, cachedInputUsd, outputUsd, source, tableDate } }: CostEstimate): string {
  if (source === 'own-machine') return 'No price is set for this connection, and it is on your own machine or network.';
  const where = source === 'connection' ? 'as set at the connection' : `from the list of ${tableDate ?? 'this version'}: check it`;
  return `${model}: ${smallDollars(inputUsd)} per million tokens in (${smallDollars(cachedInputUsd)} cached), ${smallDollars(outputUsd)} out, ${where}.`;
}
