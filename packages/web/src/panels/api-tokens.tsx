import type { Api } from '@labelwright/contract/api';
import type { ReplyOf } from '@labelwright/contract/route';
import { Alert, Button, CopyButton, NumberInput, Select, Skeleton, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, queries } from '../api.ts';
import { Later } from '../design/later.tsx';
import { Moment } from '../design/moment.tsx';
import { ErrorNotice } from '../design/notices.tsx';
import { Section } from '../design/page.tsx';
import page from '../design/page.module.css';
import { showDone, showFault } from '../design/toasts.tsx';
import classes from './api-tokens.module.css';

type Token = ReplyOf<Api['listTokens']>[number];

const key = ['tokens'];
const scopes = [
  { value: 'read', label: 'read only' },
  { value: 'write', label: 'read and write' },
];

/** What programs sign in with. A token is shown once; after that only its last four characters are known. */
export function ApiTokens() {
  const tokens = useQuery({ queryKey: key, queryFn: () => api.listTokens({}) });
  const [made, setMade] = useState<{ id: number; token: string }>();
  return (
    <>
      <NewToken onMade={setMade} />
      {made && <MadeToken token={made.token} onClose={() => setMade(undefined)} />}
      <Section title="Your tokens">
        {tokens.error && <ErrorNotice error={tokens.error} retry={() => void tokens.refetch()} />}
        {tokens.isPending && (
          <Later>
            <Skeleton h={80} aria-label="Loading" />
          </Later>
        )}
        {tokens.data?.length === 0 && <Text c="dimmed">None. A token lets a script or another program use the API as you.</Text>}
        {tokens.data && tokens.data.length > 0 && (
          <TokenTable tokens={tokens.data} onEnded={(id) => made?.id === id && setMade(undefined)} />
        )}
      </Section>
    </>
  );
}

function NewToken({ onMade }: { onMade: (made: { id: number; token: string }) => void }) {
  const [name, setName] = useState('');
  const [scope, setScope] = useState<'read' | 'write'>('read');
  const [days, setDays] = useState<number | string>(90);
  const [fault, setFault] = useState<unknown>();
  const isReady = name.trim() !== '' && typeof days === 'number' && days >= 1 && days <= 366;
  const make = async (event: FormEvent) => {
    event.preventDefault();
    if (!isReady) return;
    setFault(undefined);
    try {
      onMade(await api.createToken({ body: { name: name.trim(), scope, days } }));
      setName('');
    } catch (error) {
      setFault(error);
    } finally {
      void queries.invalidateQueries({ queryKey: key });
    }
  };
  return (
    <form onSubmit={(event) => void make(event)}>
      <div className={classes.form}>
        <TextInput
          label="What it is for"
          placeholder="nightly import"
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Select
          label="May"
          w={150}
          data={scopes}
          value={scope}
          allowDeselect={false}
          onChange={(value) => value && setScope(value as typeof scope)}
        />
        <NumberInput label="Ends after (days)" w={130} min={1} max={366} allowDecimal={false} value={days} onChange={setDays} />
        <Button type="submit" disabled={!isReady}>
          Create token
        </Button>
      </div>
      {fault !== undefined && (
        <div className={classes.new}>
          <ErrorNotice error={fault} />
        </div>
      )}
    </form>
  );
}

function MadeToken({ token, onClose }: { token: string; onClose: () => void }) {
  return (
    <Alert
      className={classes.new ?? ''}
      color="accent"
      title="Copy it now: it is shown this once"
      role="status"
      withCloseButton
      closeButtonLabel="Hide the token"
      onClose={onClose}
    >
      <div className={classes.token}>
        <code aria-label="New token">{token}</code>
        <CopyButton value={token}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
      </div>
    </Alert>
  );
}

function TokenTable({ tokens, onEnded }: { tokens: readonly Token[]; onEnded: (id: number) => void }) {
  return (
    <div className={page.scroll}>
      <table className={page.table} aria-label="Your tokens">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Token</th>
            <th scope="col">May</th>
            <th scope="col">Ends</th>
            <th scope="col">Last used</th>
            <th scope="col">
              <span className="lw-hidden">End it</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {tokens.map((token) => (
            <tr key={token.id}>
              <td style={{ overflowWrap: 'anywhere' }}>{token.name}</td>
              <td>
                <code>…{token.lastFour}</code>
              </td>
              <td>{scopes.find(({ value }) => value === token.scope)?.label}</td>
              <td>
                <Moment time={token.expiresAt} />
              </td>
              <td>{token.lastUsedAt ? <Moment time={token.lastUsedAt} /> : 'never'}</td>
              <td data-number>
                <Button variant="subtle" color="gray" aria-label={`End ${token.name}`} onClick={() => void end(token, onEnded)}>
                  End
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** At once, for it may be in the wrong hands; there is no way back but a new one. */
async function end({ id, name }: Token, onEnded: (id: number) => void): Promise<void> {
  try {
    await api.deleteToken({ params: { token: id } });
    onEnded(id);
    showDone(`“${name}” has ended: whatever still uses it needs a new token`);
  } catch (error) {
    showFault(error);
  } finally {
    void queries.invalidateQueries({ queryKey: key });
  }
}
