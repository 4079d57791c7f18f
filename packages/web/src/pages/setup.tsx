import { CallError } from '@labelwright/contract/client';
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { api, keys, messageOf, queries, setCsrf } from '../api.ts';
import { AccountForm } from '../design/account-form.tsx';

const route = getRouteApi('/setup');
const shortest = 10;

/** The first account of a server, by the one-time link on its terminal. */
export function SetupPage() {
  const { key = '' } = route.useSearch();
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [fault, setFault] = useState<string>();
  const [isChecked, setChecked] = useState(false);
  const [isBusy, setBusy] = useState(false);

  const missing = {
    name: name.trim() === '' && 'How shall others see you?',
    email: !/^\S+@\S+\.\S+$/.test(email.trim()) && 'An address like name@example.org',
    password: password.length < shortest && `At least ${shortest} characters: now ${password.length}`,
  };
  const submit = async () => {
    setChecked(true);
    if (missing.name || missing.email || missing.password) return;
    setBusy(true);
    setFault(undefined);
    try {
      const { csrf } = await api.setup({ body: { key, name: name.trim(), email: email.trim(), password } });
      setCsrf(csrf);
      await queries.invalidateQueries({ queryKey: keys.session });
    } catch (error) {
      setFault(faultIn(error));
    } finally {
      setBusy(false);
    }
  };

  if (key === '') {
    return (
      <AccountForm title="This server has no account yet" lead="" fault={undefined} onSubmit={() => undefined}>
        Open the link that the server printed on its terminal when it started. It ends in <code>/setup?key=…</code> and is good for an hour;
        start the server again for a new one.
      </AccountForm>
    );
  }
  return (
    <AccountForm
      title="Make the first account"
      lead="It administers this server, and can make accounts for others."
      fault={fault}
      onSubmit={() => void submit()}
    >
      <TextInput
        size="sm"
        label="Name"
        autoComplete="name"
        autoFocus
        value={name}
        error={isChecked && missing.name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        size="sm"
        label="Email"
        type="email"
        autoComplete="username"
        value={email}
        error={isChecked && missing.email}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <PasswordInput
        size="sm"
        label="Password"
        description={`At least ${shortest} characters; a few words in a row are easy to remember and hard to guess`}
        autoComplete="new-password"
        value={password}
        error={isChecked && missing.password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <Button type="submit" size="sm" loading={isBusy}>
        Make the account
      </Button>
    </AccountForm>
  );
}

function faultIn(error: unknown): string {
  if (error instanceof CallError && error.fault.code === 'bad-setup-key')
    return 'This link is not good any more. Start the server again: it prints a new one on its terminal.';
  return messageOf(error);
}
