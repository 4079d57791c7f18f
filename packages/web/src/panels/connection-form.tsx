import type { Connection, ModelPrices } from '@labelwright/contract/llm';
import { Alert, Anchor, Button, NumberInput, PasswordInput, Radio, Stack, Switch, Text, TextInput } from '@mantine/core';
import { type FormEvent, useId, useState } from 'react';
import { messageOf } from '../api.ts';
import { isNearby, type NewConnection, ownServers, type Provider, providers, providerTitle, saveConnection } from '../state/connections.ts';
import { freeName } from '../state/labelers.ts';
import { useProject } from '../state/project.ts';
import { useSession } from '../state/session.ts';
import { ConnectionPrices } from './connection-prices.tsx';
import classes from './connections.module.css';
import tiles from './format-tiles.module.css';

interface ConnectionFormProps {
  /** Absent for a new one. */
  readonly connection?: Connection | undefined;
  /** Names that other connections have. */
  readonly names: ReadonlySet<string>;
  readonly onSaved: (connection: Connection) => void;
  readonly onCancel?: () => void;
}

interface Draft {
  readonly provider: Provider;
  readonly name: string;
  readonly key: string;
  readonly baseUrl: string;
  readonly allowPrivate: boolean;
  readonly prices: readonly ModelPrices[];
  readonly concurrency: number;
  readonly callsPerMinute: number | null;
}

function draftOf(connection: Connection | undefined): Draft {
  if (!connection)
    return { provider: 'openai', name: '', key: '', baseUrl: '', allowPrivate: false, prices: [], concurrency: 32, callsPerMinute: null };
  const { provider, name, baseUrl, allowPrivate, prices, concurrency, callsPerMinute } = connection;
  return { provider, name, key: '', baseUrl: baseUrl ?? '', allowPrivate, prices, concurrency, callsPerMinute };
}

/** Where a model is reached: a provider, a key that is written and never read again, an address. */
export function ConnectionForm({ connection, names, onSaved, onCancel }: ConnectionFormProps) {
  const { id: project } = useProject();
  const isAdmin = useSession().person?.admin === true;
  const [draft, setDraft] = useState(() => draftOf(connection));
  const [hasMore, setMore] = useState((connection?.prices.length ?? 0) > 0);
  const [fault, setFault] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const change = (to: Partial<Draft>) => setDraft({ ...draft, ...to });

  const { provider, name, key, baseUrl, allowPrivate, prices, concurrency, callsPerMinute } = draft;
  const isOwn = provider === 'openai-compatible';
  const fallback = freeName(providerTitle(provider), names);
  const isTaken = names.has(name.trim());
  const addressMoved = connection !== undefined && connection.keyLastFour !== null && baseUrl.trim() !== (connection.baseUrl ?? '');
  const needsKey = (!isOwn && !connection) || addressMoved;
  const isReady = !isTaken && !(isOwn && baseUrl.trim() === '') && !(needsKey && !isOwn && key.trim() === '');

  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (!isReady || isBusy) return;
    setBusy(true);
    setFault(undefined);
    const values: NewConnection = {
      name: name.trim() || fallback,
      provider,
      baseUrl: baseUrl.trim() || null,
      allowPrivate,
      prices: prices.filter(({ model }) => model.trim() !== ''),
      concurrency,
      callsPerMinute,
      ...(key.trim() !== '' && { key: key.trim() }),
    };
    try {
      const saved = await saveConnection(project, connection, values);
      change({ key: '' });
      onSaved(saved);
    } catch (error) {
      setFault(error);
    } finally {
      setBusy(false);
    }
  };

  return (
    <form className={classes.form} onSubmit={(event) => void save(event)} aria-label="Connection" autoComplete="off">
      <Providers value={provider} disabled={connection !== undefined} onChange={(to) => change({ provider: to })} />
      {isOwn && (
        <div className={classes.fills}>
          <Text size="sm" c="dimmed">
            Usual addresses:
          </Text>
          {ownServers.map((server) => (
            <Button
              key={server.name}
              variant="default"
              onClick={() => change({ baseUrl: server.baseUrl, name: freeName(server.name, names), allowPrivate: isAdmin || allowPrivate })}
            >
              {server.name}
            </Button>
          ))}
        </div>
      )}
      <TextInput
        label="Name"
        description="By which labelers name it"
        placeholder={fallback}
        maxLength={200}
        value={name}
        error={isTaken && 'Another connection has this name'}
        onChange={({ currentTarget }) => change({ name: currentTarget.value })}
      />
      <PasswordInput
        size="xs"
        label={isOwn ? 'Key, where the server wants one' : 'Key'}
        description={keyWords(connection, addressMoved)}
        placeholder={connection?.keyLastFour ? `…${connection.keyLastFour} stays` : ''}
        autoComplete="off"
        visibilityToggleButtonProps={{ 'aria-label': 'Show what you typed' }}
        value={key}
        onChange={({ currentTarget }) => change({ key: currentTarget.value })}
      />
      {(isOwn || hasMore) && (
        <TextInput
          label="Base URL"
          description={isOwn ? 'With the version where there is one: it mostly ends in /v1' : "Empty: the provider's own"}
          placeholder={isOwn ? 'http://127.0.0.1:11434/v1' : ''}
          inputMode="url"
          spellCheck={false}
          required={isOwn}
          value={baseUrl}
          onChange={({ currentTarget }) => change({ baseUrl: currentTarget.value })}
        />
      )}
      {(isOwn || hasMore) && (
        <Switch
          size="xs"
          label="On this machine or the local network"
          description={privateWords(isAdmin, allowPrivate, baseUrl)}
          disabled={!isAdmin}
          checked={allowPrivate}
          onChange={({ currentTarget }) => change({ allowPrivate: currentTarget.checked })}
        />
      )}
      {hasMore && (
        <>
          <ConnectionPrices value={prices} onChange={(to) => change({ prices: to })} />
          <div className={classes.pair}>
            <NumberInput
              label="Calls at once"
              min={1}
              max={256}
              allowDecimal={false}
              value={concurrency}
              onChange={(calls) => typeof calls === 'number' && calls >= 1 && change({ concurrency: calls })}
            />
            <NumberInput
              label="Calls per minute, at most"
              placeholder="as many as the provider takes"
              min={1}
              allowDecimal={false}
              value={callsPerMinute ?? ''}
              onChange={(calls) => change({ callsPerMinute: typeof calls === 'number' && calls >= 1 ? calls : null })}
            />
          </div>
        </>
      )}
      <Stack gap="sm">
        {fault !== undefined && (
          <Alert color="red" role="alert">
            {messageOf(fault)}
          </Alert>
        )}
        <div className={classes.foot}>
          <Button type="submit" loading={isBusy} disabled={!isReady}>
            {connection ? 'Save' : 'Connect'}
          </Button>
          {onCancel && (
            <Button variant="default" onClick={onCancel}>
              Cancel
            </Button>
          )}
          <Anchor component="button" type="button" size="sm" aria-expanded={hasMore} onClick={() => setMore(!hasMore)} ml="auto">
            {hasMore ? 'Fewer settings' : 'Prices, limits, address'}
          </Anchor>
        </div>
      </Stack>
    </form>
  );
}

function keyWords(connection: Connection | undefined, addressMoved: boolean): string {
  if (addressMoved) return 'Another address asks for the key anew, so that it goes nowhere that you did not mean';
  return connection?.keyLastFour
    ? 'Type another one to replace it. It is kept encrypted and never shown again'
    : 'Kept encrypted and never shown again: only its last four characters';
}

function privateWords(isAdmin: boolean, allowPrivate: boolean, baseUrl: string): string {
  if (!isAdmin) return 'Only administrators may open this: otherwise a project could reach into the network of the server';
  if (!allowPrivate && isNearby(baseUrl)) return 'This address is on this machine or a private network: without the switch it is refused';
  return 'Off, addresses that are not on the open internet are refused, whatever a name leads to';
}

interface ProvidersProps {
  readonly value: Provider;
  readonly disabled: boolean;
  readonly onChange: (provider: Provider) => void;
}

function Providers({ value, disabled, onChange }: ProvidersProps) {
  const id = useId();
  const shown = disabled ? providers.filter((each) => each.value === value) : providers;
  return (
    <Radio.Group aria-label="Provider" value={value} onChange={onChange}>
      <div className={classes.providers}>
        {shown.map((each) => (
          <Radio.Card
            key={each.value}
            value={each.value}
            className={tiles.tile ?? ''}
            aria-label={each.title}
            aria-describedby={`${id}-${each.value}`}
          >
            <span className={tiles.title}>
              <Radio.Indicator size="xs" aria-hidden /> {each.title}
            </span>
            <span id={`${id}-${each.value}`} className={tiles.summary}>
              {each.note}
            </span>
          </Radio.Card>
        ))}
      </div>
    </Radio.Group>
  );
}
