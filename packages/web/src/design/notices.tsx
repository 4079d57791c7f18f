import { Alert, Button, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { messageOf } from '../api.ts';

/** One sentence, one button, one example: an empty page teaches. */
export function EmptyState({ title, children, action }: { title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <Stack align="center" gap="md" py={72} maw={520} mx="auto" ta="center">
      <Title order={2} size="xl">
        {title}
      </Title>
      <Text c="dimmed">{children}</Text>
      {action}
    </Stack>
  );
}

/** What happened, what to do; the work on the screen stays. */
export function ErrorNotice({ error, retry }: { error: unknown; retry?: () => void }) {
  return (
    <Alert color="red" title="This did not work" role="alert">
      <Stack gap="sm" align="flex-start">
        {messageOf(error)}
        {retry && (
          <Button variant="default" onClick={retry}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
