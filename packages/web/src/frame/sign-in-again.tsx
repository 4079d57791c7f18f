import { CallError } from '@labelwright/contract/client';
import type { Person } from '@labelwright/contract/people';
import { Alert, Button, Group, Modal, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState, useSyncExternalStore } from 'react';
import { api, messageOf, queries, setCsrf } from '../api.ts';
import { outboxState } from '../state/outbox-state.ts';

/** The session ended in the middle of the work: the page stays as it is, what was done waits, and goes on after the password. */
export default function SignInAgain({ person }: { person: Person }) {
  const [email, setEmail] = useState(person.email);
  const [password, setPassword] = useState('');
  const [fault, setFault] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const [isOpen, setOpen] = useState(true);
  const { waiting } = useSyncExternalStore(outboxState.subscribe, outboxState.get);

  const signIn = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      const { csrf } = await api.login({ body: { email: email.trim(), password } });
      setCsrf(csrf);
      await queries.invalidateQueries();
    } catch (error) {
      setFault(error instanceof CallError && error.fault.code === 'bad-login' ? 'Email or password is wrong.' : messageOf(error));
    } finally {
      setBusy(false);
    }
  };

  if (!isOpen) {
    return (
      <Group pos="fixed" bottom={16} right={16} style={{ zIndex: 300 }}>
        <Button onClick={() => setOpen(true)}>Sign in to save your work</Button>
      </Group>
    );
  }
  return (
    <Modal opened onClose={() => setOpen(false)} title="Sign in again" centered closeButtonProps={{ 'aria-label': 'Later' }}>
      <form onSubmit={(event) => void signIn(event)}>
        <Stack gap="md">
          <Text>
            Your session has ended. Nothing is lost
            {waiting > 0 && `: ${waiting === 1 ? 'one answer waits' : `${waiting} answers wait`} in this browser and will be saved`}.
          </Text>
          {fault !== undefined && (
            <Alert color="red" role="alert">
              {fault}
            </Alert>
          )}
          <TextInput
            label="Email"
            type="email"
            autoComplete="username"
            required
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <PasswordInput
            size="xs"
            label="Password"
            autoComplete="current-password"
            required
            data-autofocus
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Button type="submit" loading={isBusy}>
            Sign in and go on
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
