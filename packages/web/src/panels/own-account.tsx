import { CallError } from '@labelwright/contract/client';
import { Alert, Button, PasswordInput, Stack, Text } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { api, messageOf, queries } from '../api.ts';
import { Section } from '../design/page.tsx';
import { showDone, showFault } from '../design/toasts.tsx';
import { useSession } from '../state/session.ts';

/** Who one is here, and one's own password. */
export function OwnAccount() {
  const { person, mode } = useSession();
  if (!person) return null;
  return (
    <>
      <Text>
        {person.name}
        {mode === 'accounts' && (
          <Text span c="dimmed">
            {' '}
            · {person.email}
            {person.admin && ' · administrator'}
          </Text>
        )}
      </Text>
      {mode === 'single-user' ? (
        <Text c="dimmed" mt="md" maw={560}>
          This server has one user and no password: whoever sits at this machine owns everything. To work with others, stop it and start it
          with <code>--accounts</code>: it then prints a link for the first account, which takes over all projects.
        </Text>
      ) : (
        <>
          <Button variant="default" mt="md" onClick={() => void signOut()}>
            Sign out
          </Button>
          <Section title="Password">
            <PasswordForm />
          </Section>
        </>
      )}
    </>
  );
}

/** Loads the page anew: nothing that this person saw stays in it. */
async function signOut(): Promise<void> {
  try {
    await api.logout({});
    window.location.assign('/login');
  } catch (error) {
    showFault(error);
  }
}

const shortest = 10;

function PasswordForm() {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [fault, setFault] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const isShort = next !== '' && next.length < shortest;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFault(undefined);
    try {
      await api.changePassword({ body: { current, next } });
      setCurrent('');
      setNext('');
      void queries.invalidateQueries({ queryKey: ['tokens'] });
      showDone('Your password is changed; all other sessions and your API tokens have ended');
    } catch (error) {
      setFault(error);
    } finally {
      setBusy(false);
    }
  };
  const isWrong = fault instanceof CallError && fault.fault.code === 'bad-login';
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack gap="md" maw={340} align="stretch">
        <Text c="dimmed">A new password ends all your other sessions and all your API tokens.</Text>
        {fault !== undefined && !isWrong && (
          <Alert color="red" role="alert">
            {messageOf(fault)}
          </Alert>
        )}
        <PasswordInput
          size="xs"
          label="Current password"
          autoComplete="current-password"
          value={current}
          error={isWrong && 'This is not your current password'}
          onChange={(event) => setCurrent(event.currentTarget.value)}
        />
        <PasswordInput
          size="xs"
          label="New password"
          description={`At least ${shortest} characters: a few words are easy to remember`}
          autoComplete="new-password"
          value={next}
          error={isShort && `${shortest - next.length} more characters`}
          onChange={(event) => setNext(event.currentTarget.value)}
        />
        <Button type="submit" loading={isBusy} disabled={current === '' || next.length < shortest} style={{ alignSelf: 'flex-start' }}>
          Change password
        </Button>
      </Stack>
    </form>
  );
}
