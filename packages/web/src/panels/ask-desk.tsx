import type { Labeler } from '@labelwright/contract/labelers';
import { Alert, Button, NumberInput, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { messageOf } from '../api.ts';
import { EmptyState, ErrorNotice } from '../design/notices.tsx';
import { smallDollars } from '../design/numbers.tsx';
import { Section } from '../design/page.tsx';
import { isOpen, startAsking, useAskings } from '../state/askings.ts';
import { useMay, useProject } from '../state/project.ts';
import { AskingCost, useAskingCost } from './asking-cost.tsx';
import { AskingList, AskingNews } from './asking-list.tsx';
import classes from './prompt.module.css';

/** The price, a budget, the word to start; then how far it is. */
export function AskDesk({ labeler }: { labeler: Labeler }) {
  const project = useProject();
  const mayAsk = useMay('manager');
  const askings = useAskings(project.id);
  const own = askings.data?.filter((each) => each.labeler.id === labeler.id) ?? [];
  if (project.items === 0)
    return (
      <EmptyState title="There is nothing to ask about yet">Import items first: then this shows what asking about them costs.</EmptyState>
    );
  return (
    <>
      <AskingNews askings={own} />
      {askings.error && <ErrorNotice error={askings.error} retry={() => void askings.refetch()} />}
      {own.some(isOpen) ? (
        <AskingList askings={own.filter(isOpen)} isNamed={false} />
      ) : (
        mayAsk && askings.data && <Start key={own[0]?.id ?? 0} labeler={labeler} />
      )}
      {own.some((each) => !isOpen(each)) && (
        <Section title="Before">
          <AskingList askings={own.filter((each) => !isOpen(each))} isNamed={false} />
        </Section>
      )}
    </>
  );
}

function Start({ labeler }: { labeler: Labeler }) {
  const { id: project } = useProject();
  const cost = useAskingCost(labeler.with, labeler);
  const [typed, setTyped] = useState<number | string>();
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>();
  const isFree = cost.data?.prices.source === 'own-machine' || cost.data?.usd === 0;
  // Enough for the dearest that is likely, rounded up to a cent: what is surprising stops it.
  const usual = cost.data && !isFree ? Math.max(0.01, Math.ceil(cost.data.highUsd * 110) / 100) : undefined;
  const value = typed ?? usual ?? '';
  const budget = typeof value === 'number' && value > 0 ? value : null;
  const start = async () => {
    setBusy(true);
    setFault(undefined);
    try {
      await startAsking(project, labeler, budget);
    } catch (error) {
      setFault(error);
    } finally {
      setBusy(false);
    }
  };
  const isDone = cost.data?.items === 0;
  return (
    <Stack gap="md">
      <AskingCost cost={cost} />
      {!isDone && (
        <>
          <div className={classes.budget}>
            <NumberInput
              label="Budget of this asking"
              w={200}
              prefix="$"
              placeholder="none"
              min={0}
              hideControls
              decimalScale={4}
              value={value}
              onChange={setTyped}
            />
            <Button loading={isBusy} disabled={!cost.data || cost.isPlaceholderData} onClick={() => void start()}>
              {budget === null ? 'Ask' : `Ask, for at most ${smallDollars(budget)}`}
            </Button>
          </div>
          <Text size="xs" c="dimmed">
            The least sure items come first. It pauses before it would spend more; what was answered is kept and is never paid twice. When
            it is done, a run takes its votes into account.
          </Text>
        </>
      )}
      {fault !== undefined && (
        <Alert color="red" role="alert">
          {messageOf(fault)}
        </Alert>
      )}
    </Stack>
  );
}
