import { Alert, Stack, Text, Title } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import classes from './accounts.module.css';

interface AccountFormProps {
  readonly title: string;
  readonly lead: ReactNode;
  readonly fault: string | undefined;
  readonly onSubmit: () => void;
  readonly children: ReactNode;
}

/** A form on a page of its own: before anybody is signed in. */
export function AccountForm({ title, lead, fault, onSubmit, children }: AccountFormProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <main id="main" className={classes.frame}>
      <form className={classes.form} onSubmit={submit} noValidate>
        <div className={classes.brand}>Labelwright</div>
        <Title order={1} size="xl" mb="xs">
          {title}
        </Title>
        <Text c="dimmed" mb="lg">
          {lead}
        </Text>
        <Stack gap="md">
          {fault !== undefined && (
            <Alert color="red" role="alert">
              {fault}
            </Alert>
          )}
          {children}
        </Stack>
      </form>
    </main>
  );
}
