import type { Person } from '@labelwright/contract/people';
import { Button, Checkbox, Group, PasswordInput, Popover, Skeleton, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, queries } from '../api.ts';
import { Later } from '../design/later.tsx';
import { Moment } from '../design/moment.tsx';
import { ErrorNotice } from '../design/notices.tsx';
import { Section } from '../design/page.tsx';
import page from '../design/page.module.css';
import { showDone, showFault, showUndo } from '../design/toasts.tsx';
import { useSession } from '../state/session.ts';

const key = ['people'];
const shortest = 10;

/** All accounts, for administrators: make, disable, give a new password. */
export function AccountList() {
  const people = useQuery({ queryKey: key, queryFn: () => api.listPeople({}) });
  const { mode } = useSession();
  return (
    <>
      {people.error && <ErrorNotice error={people.error} retry={() => void people.refetch()} />}
      {people.isPending && (
        <Later>
          <Skeleton h={120} aria-label="Loading" />
        </Later>
      )}
      {people.data && <Accounts people={people.data} isFixed={mode === 'single-user'} />}
      {mode === 'single-user' ? (
        <Text c="dimmed" mt="lg" maw={560}>
          This server has one user. Start it with <code>--accounts</code> to let others in.
        </Text>
      ) : (
        <Section title="New account">
          <NewAccount />
        </Section>
      )}
    </>
  );
}

function Accounts({ people, isFixed }: { people: readonly Person[]; isFixed: boolean }) {
  const { person: self } = useSession();
  return (
    <div className={page.scroll}>
      <table className={page.table} aria-label="Accounts">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Email</th>
            <th scope="col">Since</th>
            <th scope="col">Administrator</th>
            <th scope="col">May sign in</th>
            <th scope="col">
              <span className="lw-hidden">Password</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {people.map((person) => (
            <tr key={person.id}>
              <td style={{ overflowWrap: 'anywhere', minWidth: 120 }}>
                {person.name}
                {person.id === self?.id && !isFixed && (
                  <Text span c="dimmed">
                    {' '}
                    (you)
                  </Text>
                )}
              </td>
              <td style={{ overflowWrap: 'anywhere', minWidth: 180 }}>{person.email}</td>
              <td>
                <Moment time={person.createdAt} />
              </td>
              <td>
                <Switch
                  aria-label={`${person.name} is an administrator`}
                  checked={person.admin}
                  disabled={isFixed}
                  onChange={() =>
                    void change(
                      person,
                      { admin: !person.admin },
                      `${person.name} is ${person.admin ? 'no longer' : 'now'} an administrator`,
                    )
                  }
                />
              </td>
              <td>
                <Switch
                  aria-label={`${person.name} may sign in`}
                  checked={!person.disabled}
                  disabled={isFixed}
                  onChange={() =>
                    void change(
                      person,
                      { disabled: !person.disabled },
                      `${person.name} may ${person.disabled ? 'sign in again' : 'no longer sign in'}`,
                    )
                  }
                />
              </td>
              <td data-number>{!isFixed && person.id !== self?.id && <NewPassword person={person} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

type Change = { admin: boolean } | { disabled: boolean };

async function change(person: Person, to: Change, said: string): Promise<void> {
  const put = (what: Change) =>
    api.updatePerson({ params: { person: person.id }, body: what }).finally(() => void queries.invalidateQueries({ queryKey: key }));
  try {
    queries.setQueryData<Person[]>(key, (all) => all?.map((each) => (each.id === person.id ? { ...each, ...to } : each)));
    await put(to);
    showUndo(said, () => put('admin' in to ? { admin: person.admin } : { disabled: person.disabled }));
  } catch (error) {
    showFault(error);
  }
}

function NewPassword({ person }: { person: Person }) {
  const [isOpen, setOpen] = useState(false);
  const [password, setPassword] = useState('');
  const [fault, setFault] = useState<unknown>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setFault(undefined);
    try {
      await api.updatePerson({ params: { person: person.id }, body: { password } });
      setOpen(false);
      setPassword('');
      showDone(`${person.name} has a new password; all sessions and tokens of this account have ended`);
    } catch (error) {
      setFault(error);
    }
  };
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" trapFocus width={300}>
      <Popover.Target>
        <Button variant="subtle" color="gray" aria-label={`New password for ${person.name}`} onClick={() => setOpen(!isOpen)}>
          New password
        </Button>
      </Popover.Target>
      <Popover.Dropdown ta="left">
        <form onSubmit={(event) => void submit(event)} noValidate>
          <Stack gap="sm">
            <PasswordInput
              size="xs"
              label={`New password of ${person.name}`}
              description={`At least ${shortest} characters. All sessions and tokens of the account end.`}
              autoComplete="new-password"
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
            {fault !== undefined && <ErrorNotice error={fault} />}
            <Button type="submit" disabled={password.length < shortest}>
              Set password
            </Button>
          </Stack>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}

const nobody = { name: '', email: '', password: '', admin: false };

function NewAccount() {
  const [given, setGiven] = useState(nobody);
  const [fault, setFault] = useState<unknown>();
  const { name, email, password, admin } = given;
  const isReady = name.trim() !== '' && email.includes('@') && password.length >= shortest;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!isReady) return;
    setFault(undefined);
    try {
      await api.createPerson({ body: { name: name.trim(), email: email.trim(), password, admin } });
      setGiven(nobody);
      showDone(`${name.trim()} has an account: tell them the password in person`);
    } catch (error) {
      setFault(error);
    } finally {
      void queries.invalidateQueries({ queryKey: key });
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Group align="flex-end" gap="md">
        <TextInput
          label="Name"
          autoComplete="off"
          value={name}
          onChange={(event) => setGiven({ ...given, name: event.currentTarget.value })}
        />
        <TextInput
          label="Email"
          type="email"
          autoComplete="off"
          value={email}
          onChange={(event) => setGiven({ ...given, email: event.currentTarget.value })}
        />
        <PasswordInput
          size="xs"
          w={200}
          label="First password"
          placeholder={`${shortest} or more characters`}
          autoComplete="new-password"
          value={password}
          onChange={(event) => setGiven({ ...given, password: event.currentTarget.value })}
        />
        <Checkbox
          size="xs"
          mb={6}
          label="Administrator"
          checked={admin}
          onChange={(event) => setGiven({ ...given, admin: event.currentTarget.checked })}
        />
        <Button type="submit" disabled={!isReady}>
          Create account
        </Button>
      </Group>
      {fault !== undefined && (
        <Stack mt="md">
          <ErrorNotice error={fault} />
        </Stack>
      )}
    </form>
  );
}
