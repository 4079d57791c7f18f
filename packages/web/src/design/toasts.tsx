import { Button, Group } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { messageOf } from '../api.ts';

/** What was done, with the way back: instead of "are you sure". @returns what takes it off the screen */
export function showUndo(message: string, undo: () => Promise<unknown>): () => void {
  const id = notifications.show({
    withBorder: true,
    color: 'gray',
    autoClose: 10_000,
    withCloseButton: true,
    message: (
      <Group justify="space-between" wrap="nowrap">
        {message}
        <Button
          variant="default"
          onClick={() => {
            notifications.hide(id);
            undo().catch(showFault);
          }}
        >
          Undo
        </Button>
      </Group>
    ),
  });
  return () => notifications.hide(id);
}

export function showDone(message: string): void {
  notifications.show({ message, color: 'gray', withBorder: true, autoClose: 5_000 });
}

/** An action that the server did not take: what was on the screen before is there again. */
export function showFault(error: unknown): void {
  notifications.show({
    title: 'This did not work',
    message: messageOf(error),
    color: 'red',
    withBorder: true,
    autoClose: 12_000,
    role: 'alert',
  });
}
