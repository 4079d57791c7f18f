import { Button, Group, Kbd, Modal, Stack, Table, Text, UnstyledButton } from '@mantine/core';
import { type KeyboardEvent, useState, useSyncExternalStore } from 'react';
import { assignKey, type Command, type CommandId, commands, keyNames, keysOf, removeKey, showKey } from '../state/keymap.ts';
import { ownKeys } from '../state/own-keys.ts';
import { isMac } from './key-hint.tsx';
import classes from './keys-dialog.module.css';

interface KeysDialogProps {
  readonly page: Command['page'];
  /** Key → name of the label that it chooses. */
  readonly labels: ReadonlyMap<string, string>;
  /** Commands that have nothing to do here. */
  readonly without?: readonly CommandId[];
  readonly close: () => void;
}

/** All keys of a page. They can be changed; one that is taken is refused, with who has it. */
export default function KeysDialog({ page, labels, without = [], close }: KeysDialogProps) {
  const own = useSyncExternalStore(ownKeys.subscribe, ownKeys.get);
  const [waiting, setWaiting] = useState<CommandId>();
  const [refusal, setRefusal] = useState('');

  const take = (id: CommandId, event: KeyboardEvent) => {
    if (event.key === 'Tab') return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === 'Escape') return setWaiting(undefined);
    const key = keyNames(event.nativeEvent)[0];
    if (key === undefined) return;
    const next = assignKey(id, key, own, labels);
    if ('refusal' in next && typeof next.refusal === 'string') return setRefusal(next.refusal);
    ownKeys.set(next as typeof own);
    setWaiting(undefined);
    setRefusal('');
  };

  return (
    <Modal opened onClose={close} title="Keys" size="lg" closeButtonProps={{ 'aria-label': 'Close' }}>
      <Stack gap="md">
        <Table verticalSpacing={4} className={classes.keys}>
          <tbody>
            {labels.size > 0 && (
              <tr>
                <th scope="row">Choose a label</th>
                <td>
                  {[...labels].map(([key, name]) => (
                    <span key={key} className={classes.label}>
                      <Kbd size="xs">{showKey(key, isMac)}</Kbd> {name}
                    </span>
                  ))}
                </td>
                <td />
              </tr>
            )}
            {commands
              .filter((command) => command.page === page && !without.includes(command.id))
              .map(({ id, title }) => (
                <tr key={id}>
                  <th scope="row">{title}</th>
                  <td>
                    {keysOf(id, own).map((key) => (
                      <UnstyledButton
                        key={key}
                        className={classes.key}
                        data-taken={labels.has(key) || undefined}
                        title={labels.has(key) ? `Chooses the label ${labels.get(key)}` : 'Take this key away'}
                        aria-label={`Take ${showKey(key, isMac)} away from ${title}`}
                        onClick={() => ownKeys.set(removeKey(id, key, own))}
                      >
                        <Kbd size="xs">{showKey(key, isMac)}</Kbd>
                      </UnstyledButton>
                    ))}
                  </td>
                  <td>
                    <Button
                      variant="subtle"
                      size="compact-xs"
                      h={24}
                      aria-label={`Add a key for ${title}`}
                      onClick={() => {
                        setWaiting(id);
                        setRefusal('');
                      }}
                      onKeyDown={(event) => waiting === id && take(id, event)}
                      onBlur={() => setWaiting(undefined)}
                    >
                      {waiting === id ? 'Press a key …' : 'Add'}
                    </Button>
                  </td>
                </tr>
              ))}
          </tbody>
        </Table>
        <Group justify="space-between">
          <Text size="sm" c={refusal === '' ? 'dimmed' : 'var(--lw-error)'} role="status">
            {refusal === '' ? 'Click a key to take it away. Changes stay in this browser.' : `${refusal}.`}
          </Text>
          <Button variant="default" onClick={() => ownKeys.set({})}>
            All as they were
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
