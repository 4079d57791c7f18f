import type { Connection } from '@labelwright/contract/llm';
import { Alert, Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { api, messageOf } from '../api.ts';
import { smallDollars } from '../design/numbers.tsx';
import { useProject } from '../state/project.ts';
import { providers } from '../state/connections.ts';
import classes from './connections.module.css';

interface Outcome {
  readonly ok: boolean;
  readonly words: string;
}

/** One short question to one model: says that it works, or what to do. */
export function ConnectionTest({ connection: { id, name, provider } }: { connection: Connection }) {
  const { id: project } = useProject();
  const usual = providers.find(({ value }) => value === provider)?.model ?? '';
  const [model, setModel] = useState(usual);
  const [isBusy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>();
  const test = async (event: FormEvent) => {
    event.preventDefault();
    if (model.trim() === '' || isBusy) return;
    setBusy(true);
    try {
      const { ok, message, milliseconds, usd } = await api.testConnection({
        params: { project, connection: id },
        body: { model: model.trim() },
      });
      const price = usd > 0 ? `, ${smallDollars(usd)}` : '';
      setOutcome({ ok, words: ok ? `${message} (${Math.round(milliseconds)} ms${price})` : message });
    } catch (error) {
      setOutcome({ ok: false, words: messageOf(error) });
    } finally {
      setBusy(false);
    }
  };
  return (
    <div>
      <form className={classes.test} onSubmit={(event) => void test(event)}>
        <TextInput
          label="Test with the model"
          placeholder={usual || 'llama3.2'}
          style={{ flex: '1 1 180px', maxWidth: 320 }}
          spellCheck={false}
          value={model}
          onChange={({ currentTarget }) => setModel(currentTarget.value)}
        />
        <Button type="submit" variant="default" loading={isBusy} disabled={model.trim() === ''} aria-label={`Test ${name}`}>
          Test
        </Button>
      </form>
      <div role="status">
        {outcome && (
          <Alert
            className={classes.outcome ?? ''}
            color={outcome.ok ? 'accent' : 'red'}
            title={outcome.ok ? 'It works' : 'It does not work yet'}
          >
            {outcome.words}
          </Alert>
        )}
      </div>
    </div>
  );
}
