import type { Connection } from '@labelwright/contract/llm';
import { Button, Drawer, Modal, Skeleton, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { Later } from '../design/later.tsx';
import { EmptyState, ErrorNotice } from '../design/notices.tsx';
import { count, smallDollars } from '../design/numbers.tsx';
import { showDone, showFault } from '../design/toasts.tsx';
import { deleteConnection, providerTitle, useConnections } from '../state/connections.ts';
import { useMay, useProject } from '../state/project.ts';
import { ConnectionForm } from './connection-form.tsx';
import { ConnectionTest } from './connection-test.tsx';
import classes from './connections.module.css';

/** Where language models are reached. */
export function ConnectionsSettings() {
  const { id: project } = useProject();
  const mayChange = useMay('manager');
  const list = useConnections(project, mayChange);
  const [edited, setEdited] = useState<number | 'new'>();
  const [leaving, setLeaving] = useState<Connection>();
  const connections = list.data ?? [];
  const connection = connections.find(({ id }) => id === edited);
  const add = (
    <Button leftSection={<IconPlus size={14} aria-hidden />} onClick={() => setEdited('new')}>
      Connect a provider
    </Button>
  );
  return (
    <>
      {list.error && <ErrorNotice error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && mayChange && (
        <Later>
          <Skeleton h={120} aria-label="Loading" />
        </Later>
      )}
      {list.data?.length === 0 && (
        <EmptyState title="No language model is connected" action={add}>
          Connect OpenAI, Anthropic, Google or a server of your own, such as Ollama on this machine. Models then vote as labelers do: each
          with a price that you see before it is asked, and weighed by how often it is right.
        </EmptyState>
      )}
      {connections.length > 0 && (
        <>
          <ul className={classes.connections} aria-label="Connections">
            {connections.map((each) => (
              <Row key={each.id} connection={each} onEdit={() => setEdited(each.id)} onDelete={() => setLeaving(each)} />
            ))}
          </ul>
          <div style={{ marginTop: 16 }}>{add}</div>
        </>
      )}
      <Drawer
        opened={edited !== undefined}
        onClose={() => setEdited(undefined)}
        position="right"
        size="min(620px, 100vw)"
        title={
          <Text fw={600} size="lg" component="h2" m={0}>
            {connection ? connection.name : 'Connect a provider'}
          </Text>
        }
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {edited !== undefined && (
          <Stack gap="xl" pb="xl">
            <ConnectionForm
              key={connection ? `${connection.id} ${connection.version}` : 'new'}
              connection={connection}
              names={new Set(connections.filter(({ id }) => id !== edited).map(({ name }) => name))}
              onSaved={({ id, name }) => {
                // A new one is followed by its test, at the place where a message would stand on a phone.
                if (connection) showDone(`“${name}” is saved`);
                setEdited(id);
              }}
            />
            {connection && <ConnectionTest connection={connection} />}
          </Stack>
        )}
      </Drawer>
      <Modal
        opened={leaving !== undefined}
        onClose={() => setLeaving(undefined)}
        title={<Text fw={600}>{leaving && `Forget “${leaving.name}”?`}</Text>}
        closeButtonProps={{ 'aria-label': 'Keep it' }}
        centered
      >
        {leaving && <Forget connection={leaving} onClose={() => setLeaving(undefined)} />}
      </Modal>
    </>
  );
}

interface RowProps {
  readonly connection: Connection;
  readonly onEdit: () => void;
  readonly onDelete: () => void;
}

function Row({ connection, onEdit, onDelete }: RowProps) {
  const { name, provider, baseUrl, allowPrivate, keyLastFour, usedBy, prices, callsPerMinute } = connection;
  return (
    <li className={classes.connection}>
      <div>
        <Text fw={600}>{name}</Text>
        <div className={classes.facts}>
          <span>{providerTitle(provider)}</span>
          {baseUrl !== null && <span>{baseUrl}</span>}
          {allowPrivate && <span>this machine or network</span>}
          <span>{keyLastFour === null ? 'no key' : `key …${keyLastFour}`}</span>
          {callsPerMinute !== null && <span>at most {count(callsPerMinute)} calls a minute</span>}
          {prices.length === 1 && (
            <span>
              {prices[0].model === '*' ? 'any model' : prices[0].model}: {smallDollars(prices[0].inputUsd)} in,{' '}
              {smallDollars(prices[0].outputUsd)} out
            </span>
          )}
          {prices.length > 1 && <span>{prices.length} prices</span>}
          <span>{usedBy.length === 0 ? 'no labeler asks through it' : `asked by ${usedBy.join(', ')}`}</span>
        </div>
      </div>
      <div className={classes.actions}>
        <Button variant="default" onClick={onEdit} aria-label={`Edit and test ${name}`}>
          Edit and test
        </Button>
        <Button variant="subtle" color="gray" onClick={onDelete} aria-label={`Forget ${name}`}>
          Forget
        </Button>
      </div>
    </li>
  );
}

/** The key cannot be brought back, so this one thing is asked. */
function Forget({ connection, onClose }: { connection: Connection; onClose: () => void }) {
  const { id: project } = useProject();
  const [isBusy, setBusy] = useState(false);
  const forget = async () => {
    setBusy(true);
    try {
      await deleteConnection(project, connection);
      onClose();
    } catch (error) {
      showFault(error);
    } finally {
      setBusy(false);
    }
  };
  const { usedBy } = connection;
  return (
    <Stack>
      <Text>
        Its key is deleted and cannot be brought back.{' '}
        {usedBy.length > 0 && `${usedBy.join(', ')} can then ask nothing new; the answers that came stay.`}
      </Text>
      <div className={classes.foot}>
        <Button color="red" variant="filled" loading={isBusy} onClick={() => void forget()}>
          Forget it and its key
        </Button>
        <Button variant="default" onClick={onClose} data-autofocus>
          Keep it
        </Button>
      </div>
    </Stack>
  );
}
