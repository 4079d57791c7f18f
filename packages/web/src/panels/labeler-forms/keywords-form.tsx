import { ActionIcon, Button, Checkbox, Group, NumberInput, Stack, TagsInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { changed, type Options, wordOf } from '../../state/labeler-draft.ts';
import { useQuestion } from '../../state/project.ts';
import type { LabelerFormProps } from './form.ts';
import classes from './forms.module.css';
import { LabelSelect } from './label-select.tsx';

interface List {
  readonly label: string;
  readonly words: readonly string[];
}

/** One list is written short (`words`, `label`), several as a `dictionary`. */
function listsIn(value: Options, first: string): readonly List[] {
  if (value.dictionary !== undefined)
    return Object.entries(value.dictionary as Record<string, string[]>).map(([label, words]) => ({ label, words }));
  return [{ label: wordOf(value.label, first), words: (value.words as string[] | undefined) ?? [] }];
}

/** A list as people have it: with commas, semicolons, tabs or lines. */
function wordsIn(text: string): string[] {
  return text
    .split(/[,;\n\r\t]+/)
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

export function KeywordsForm({ value, onChange, faultAt }: LabelerFormProps) {
  const { labels } = useQuestion();
  const lists = listsIn(value, labels[0].id);
  const free = labels.find(({ id }) => !lists.some(({ label }) => label === id));
  const write = (next: readonly List[]) => {
    const [only] = next;
    onChange(
      next.length === 1
        ? changed(value, { dictionary: undefined, words: only.words, label: only.label })
        : changed(value, {
            dictionary: Object.fromEntries(next.map(({ label, words }) => [label, words])),
            words: undefined,
            label: undefined,
          }),
    );
  };
  const set = (index: number, to: Partial<List>) => write(lists.map((each, at) => (at === index ? { ...each, ...to } : each)));
  const flag = (key: string, otherwise: boolean) => (value[key] === undefined ? otherwise : value[key] === true);
  const setFlag = (key: string, otherwise: boolean, to: boolean) => onChange(changed(value, { [key]: to === otherwise ? undefined : to }));
  return (
    <Stack gap="md">
      <div className={classes.rows}>
        {lists.map(({ label, words }, index) => (
          <div key={label} className={classes.row}>
            <TagsInput
              size="xs"
              label={index === 0 ? 'Words and phrases' : undefined}
              aria-label={index === 0 ? 'Words and phrases' : `Words and phrases ${index + 1}`}
              placeholder={words.length === 0 ? 'free, win, click here' : ''}
              data-autofocus={index === 0 || undefined}
              splitChars={[',', '\n', ';']}
              acceptValueOnBlur
              value={[...words]}
              error={faultAt(lists.length === 1 ? 'words' : `dictionary.${label}`)}
              onPaste={(event) => {
                const pasted = wordsIn(event.clipboardData.getData('text'));
                if (pasted.length < 2) return;
                event.preventDefault();
                set(index, { words: [...new Set([...words, ...pasted])] });
              }}
              onChange={(next) => set(index, { words: next })}
            />
            <LabelSelect
              label={index === 0 ? 'say' : undefined}
              aria-label={`Label of word list ${index + 1}`}
              value={label}
              error={faultAt('label')}
              onChange={(next) => next !== undefined && !lists.some((each) => each.label === next) && set(index, { label: next })}
            />
            {lists.length > 1 && (
              <ActionIcon
                variant="subtle"
                color="gray"
                size={28}
                mt={index === 0 ? 22 : 0}
                aria-label={`Remove word list ${index + 1}`}
                onClick={() => write(lists.filter((_, at) => at !== index))}
              >
                <IconX size={14} aria-hidden />
              </ActionIcon>
            )}
          </div>
        ))}
        {free && (
          <div>
            <Button
              variant="subtle"
              color="gray"
              leftSection={<IconPlus size={14} aria-hidden />}
              onClick={() => write([...lists, { label: free.id, words: [] }])}
            >
              Words for another label
            </Button>
          </div>
        )}
      </div>
      <Group gap="lg">
        <Checkbox
          size="xs"
          label="whole words only"
          checked={flag('wholeWords', true)}
          onChange={({ currentTarget }) => setFlag('wholeWords', true, currentTarget.checked)}
        />
        <Checkbox
          size="xs"
          label="A and a differ"
          checked={flag('caseSensitive', false)}
          onChange={({ currentTarget }) => setFlag('caseSensitive', false, currentTarget.checked)}
        />
        <Checkbox
          size="xs"
          label="cafe also finds café"
          checked={flag('ignoreAccents', false)}
          onChange={({ currentTarget }) => setFlag('ignoreAccents', false, currentTarget.checked)}
        />
      </Group>
      <NumberInput
        label="Words needed"
        w={140}
        min={1}
        max={1000}
        value={typeof value.minMatches === 'number' ? value.minMatches : 1}
        error={faultAt('minMatches')}
        onChange={(words) => onChange(changed(value, { minMatches: Number(words) > 1 ? Number(words) : undefined }))}
      />
    </Stack>
  );
}
