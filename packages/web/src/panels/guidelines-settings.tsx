import { Text, Textarea } from '@mantine/core';
import { useDeferredValue } from 'react';
import { Prose } from '../design/prose.tsx';
import { type ProjectPart, useProjectEdit } from '../state/project-edit.ts';
import classes from './guidelines-settings.module.css';
import { SaveBar } from './save-bar.tsx';

const guidelinesPart: ProjectPart<string> = {
  name: 'guidelines',
  read: ({ schema }) => schema.guidelines ?? '',
  write: ({ schema }, guidelines) => ({ schema: { ...schema, guidelines: guidelines === '' ? undefined : guidelines } }),
};

/** What people read beside the item, and language models in their prompt. */
export function GuidelinesSettings() {
  const edit = useProjectEdit(guidelinesPart);
  const shown = useDeferredValue(edit.value);
  return (
    <>
      <div className={classes.columns}>
        <Textarea
          className={classes.editor ?? ''}
          label="Guidelines"
          description="Markdown. People read it beside the item; language models get it in their prompt."
          placeholder={'# When is it spam?\n\nA mail that nobody asked for …'}
          autosize
          minRows={16}
          maxRows={40}
          maxLength={200_000}
          value={edit.value}
          onChange={(event) => edit.set(event.currentTarget.value)}
        />
        <section className={classes.preview} aria-label="Preview">
          <Text fw={500} mb="sm">
            Preview
          </Text>
          {shown === '' ? <Text c="dimmed">Nothing yet: two sentences and an example per label help most.</Text> : <Prose>{shown}</Prose>}
        </section>
      </div>
      <SaveBar edit={edit} />
    </>
  );
}
