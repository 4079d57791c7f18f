import type { Connection } from '@labelwright/contract/llm';
import { defaultTemplate, templateFault } from '@labelwright/core/labelers/llm-template';
import { Anchor, Autocomplete, Checkbox, Group, NumberInput, Select, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { providers } from '../state/connections.ts';
import type { Options } from '../state/labeler-draft.ts';
import { promptOptions, type PromptOptions, withPrompt } from '../state/prompt-options.ts';
import mono from './labeler-forms/forms.module.css';
import classes from './prompt.module.css';

interface PromptFormProps {
  readonly connections: readonly Connection[];
  readonly value: Options;
  readonly onChange: (value: Options) => void;
}

const sources = [
  { value: 'auto', label: 'The best that there is' },
  { value: 'log-probabilities', label: 'Log probabilities of the label' },
  { value: 'self-consistency', label: 'Agreement of several samples' },
  { value: 'stated', label: 'What the model says itself' },
  { value: 'none', label: 'None' },
];

/** What a model is asked, and how. */
export function PromptForm({ connections, value, onChange }: PromptFormProps) {
  const options = promptOptions(value);
  const [hasMore, setMore] = useState(false);
  const set = (change: Partial<PromptOptions>) => onChange(withPrompt(value, change));
  const connection = connections.find(({ name }) => name === options.connection);
  const known = connection?.prices.map(({ model }) => model).filter((model) => model !== '*') ?? [];
  const usual = providers.find((each) => each.value === connection?.provider)?.model;
  return (
    <Stack gap="md">
      <Group grow align="start">
        <Select
          label="Connection"
          data={[...new Set([...connections.map(({ name }) => name), ...(options.connection ? [options.connection] : [])])]}
          value={options.connection || null}
          allowDeselect={false}
          error={options.connection !== '' && !connection && 'There is no connection of this name any more'}
          onChange={(name) => name !== null && set({ connection: name })}
        />
        <Autocomplete
          size="xs"
          label="Model"
          placeholder={usual ?? 'llama3.2'}
          data={[...new Set([...known, ...(usual ? [usual] : [])])]}
          spellCheck={false}
          data-autofocus
          value={options.model}
          onChange={(model) => set({ model })}
        />
      </Group>
      <div>
        <Textarea
          className={mono.mono ?? ''}
          label="Prompt"
          autosize
          minRows={8}
          maxRows={22}
          spellCheck={false}
          value={options.template}
          error={templateFault(options.template)}
          onChange={({ currentTarget }) => set({ template: currentTarget.value })}
        />
        <dl className={classes.places} aria-label="Placeholders">
          <dt>{'{{question}}'}</dt>
          <dd>what is asked</dd>
          <dt>{'{{labels}}'}</dt>
          <dd>each label with its description: needed</dd>
          <dt>{'{{guidelines}}'}</dt>
          <dd>the guidelines of the project</dd>
          <dt>{'{{examples}}'}</dt>
          <dd>says that examples follow, where there are some</dd>
        </dl>
        <Text size="xs" c="dimmed">
          Items never stand in it: they come after it, between tags that say that they are data, not orders.{' '}
          {options.template !== defaultTemplate && (
            <Anchor component="button" type="button" size="xs" onClick={() => set({ template: defaultTemplate })}>
              Back to the usual prompt
            </Anchor>
          )}
        </Text>
      </div>
      <NumberInput
        label="Examples shown"
        description="Of what people answered: the most similar, every label among them. 0 asks from descriptions alone"
        w={280}
        min={0}
        max={50}
        allowDecimal={false}
        value={options.fewShot}
        onChange={(fewShot) => set({ fewShot: Number(fewShot) || 0 })}
      />
      <Checkbox
        size="xs"
        label="Reasons before it answers"
        description="Dearer, and better on hard questions"
        checked={options.reasoning}
        onChange={({ currentTarget }) => set({ reasoning: currentTarget.checked })}
      />
      <Anchor component="button" type="button" size="sm" w="fit-content" aria-expanded={hasMore} onClick={() => setMore(!hasMore)}>
        {hasMore ? 'Fewer settings' : 'Confidence, samples, batches, pictures'}
      </Anchor>
      {hasMore && <More options={options} set={set} />}
    </Stack>
  );
}

function More({ options, set }: { options: PromptOptions; set: (change: Partial<PromptOptions>) => void }) {
  return (
    <Stack gap="md">
      <Select
        label="Confidence from"
        data={sources}
        value={options.confidence}
        allowDeselect={false}
        onChange={(confidence) => confidence !== null && set({ confidence })}
      />
      <Group grow align="start">
        <NumberInput
          label="Samples"
          description="Replies to each item; the most frequent counts"
          min={1}
          max={25}
          allowDecimal={false}
          value={options.samples}
          onChange={(samples) => set({ samples: Number(samples) || 1 })}
        />
        <NumberInput
          label="Temperature"
          description="0 repeats best; several samples need some"
          placeholder="the provider's"
          min={0}
          max={2}
          step={0.1}
          value={options.temperature ?? ''}
          onChange={(temperature) => set({ temperature: temperature === '' ? undefined : Number(temperature) })}
        />
      </Group>
      <NumberInput
        label="Items in one request"
        description="More are cheaper and a little less accurate"
        w={280}
        min={1}
        max={50}
        allowDecimal={false}
        value={options.batchSize}
        onChange={(batchSize) => set({ batchSize: Number(batchSize) || 1 })}
      />
      <Checkbox
        size="xs"
        label="May say that it cannot tell"
        checked={options.abstain}
        onChange={({ currentTarget }) => set({ abstain: currentTarget.checked })}
      />
      <Checkbox
        size="xs"
        label="Shows pictures as well"
        description="For models that take them"
        checked={options.images}
        onChange={({ currentTarget }) => set({ images: currentTarget.checked })}
      />
    </Stack>
  );
}
