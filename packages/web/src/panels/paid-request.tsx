import { Alert, Button, NumberInput, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { messageOf } from '../api.ts';
import { useMay } from '../state/project.ts';
import classes from './prompt.module.css';

interface PaidRequestProps<Reply> {
  /** What it does, in a sentence or two. */
  readonly about: string;
  readonly button: string;
  readonly ask: (budgetUsd: number) => Promise<Reply>;
  readonly children: (reply: Reply) => ReactNode;
}

/** Something a language model is asked once, for a price that has a limit; what came back stays until it is asked again. */
export function PaidRequest<Reply>({ about, button, ask, children }: PaidRequestProps<Reply>) {
  const mayAsk = useMay('manager');
  const [budgetUsd, setBudget] = useState<number | string>(1);
  const [reply, setReply] = useState<Reply>();
  const [fault, setFault] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const start = async () => {
    setBusy(true);
    setFault(undefined);
    try {
      setReply(await ask(Number(budgetUsd)));
    } catch (error) {
      setFault(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Stack gap="md">
      <Text>{about}</Text>
      {mayAsk && (
        <div className={classes.budget}>
          <NumberInput
            label="It may cost"
            w={120}
            prefix="$"
            min={0.01}
            decimalScale={2}
            hideControls
            value={budgetUsd}
            onChange={setBudget}
          />
          <Button
            loading={isBusy}
            disabled={!(Number(budgetUsd) > 0)}
            variant={reply === undefined ? 'filled' : 'default'}
            onClick={() => void start()}
          >
            {button}
          </Button>
        </div>
      )}
      <div role="status">
        {fault !== undefined && <Alert color="red">{messageOf(fault)}</Alert>}
        {reply !== undefined && children(reply)}
      </div>
    </Stack>
  );
}
