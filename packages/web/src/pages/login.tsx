import { CallError } from '@labelwright/contract/client';
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api, keys, messageOf, queries, setCsrf } from '../api.ts';
import { AccountForm } from '../design/account-form.tsx';

export function LoginPage() {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [fault, setFault] = useState<string>();
  const [isBusy, setBusy] = useState(false);

  const submit = async () => {
    if (email.trim() === '' || password === '') return setFault('Enter your email address and your password.');
    setBusy(true);
    setFault(undefined);
    try {
      const { csrf } = await api.login({ body: { email: email.trim(), password } });
      setCsrf(csrf);
      await queries.invalidateQueries({ queryKey: keys.session });
    } catch (error) {
      setFault(faultIn(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <AccountForm
      title="Sign in"
      lead="An administrator of this server makes accounts and new passwords."
      fault={fault}
      onSubmit={() => void submit()}
    >
      <TextInput
        size="sm"
        label="Email"
        type="email"
        autoComplete="username"
        autoFocus
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <PasswordInput
        size="sm"
        label="Password"
        autoComplete="current-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <Button type="submit" size="sm" loading={isBusy}>
        Sign in
      </Button>
    </AccountForm>
  );
}

function faultIn(error: unknown): string {
  if (!(error instanceof CallError)) return messageOf(error);
  if (error.fault.code === 'bad-login')
    return 'No account has this email address and password. Check both, capitals count in the password.';
  if (error.fault.code === 'bad-request') return 'This is not an email address. It looks like name@example.org.';
  return messageOf(error);
}
