import { ActionIcon, Button, Text, Textarea } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useQuestion } from '../../state/project.ts';
import { changed, type Options, wordOf } from '../../state/labeler-draft.ts';
import { LabelSelect } from './label-select.tsx';
import classes from './forms.module.css';

interface RuleRowsProps {
  readonly value: Options;
  readonly onChange: (value: Options) => void;
  readonly faultAt: (path: string) => ReactNode;
  /** The option that holds what is asked: `pattern`, `when`. */
  readonly field: string;
  readonly title: string;
  readonly placeholder: string;
  readonly add: string;
}

interface Rule {
  readonly [field: string]: unknown;
  readonly label?: unknown;
}

/** Pairs of a condition and a label. One pair is written short (`pattern`, `label`), several as `rules`. */
export function RuleRows({ value, onChange, faultAt, field, title, placeholder, add }: RuleRowsProps) {
  const { labels, multiple } = useQuestion();
  const isList = Array.isArray(value.rules);
  const rules: readonly Rule[] = isList ? (value.rules as Rule[]) : [{ [field]: value[field] ?? '', label: value.label }];
  const write = (next: readonly Rule[]) => {
    const [only] = next;
    const isShort = next.length === 1 && only.minMatches === undefined;
    onChange(
      isShort
        ? changed(value, { rules: undefined, [field]: only[field], label: only.label })
        : changed(value, { rules: next, [field]: undefined, label: undefined }),
    );
  };
  const path = (index: number, key: string) => (isList ? `rules.${index}.${key}` : key);
  return (
    <div className={classes.rows}>
      {rules.length > 1 && (
        <Text size="xs" c="dimmed">
          {multiple ? 'All that match are said.' : 'The first that matches is said.'}
        </Text>
      )}
      {rules.map((rule, index) => (
        <div key={index} className={classes.row}>
          <Textarea
            className={classes.mono}
            label={index === 0 ? title : undefined}
            aria-label={index === 0 ? title : `${title} ${index + 1}`}
            placeholder={placeholder}
            autosize
            minRows={1}
            maxRows={8}
            spellCheck={false}
            data-autofocus={index === 0 || undefined}
            value={wordOf(rule[field])}
            error={faultAt(path(index, field))}
            onChange={({ currentTarget }) =>
              write(rules.map((each, at) => (at === index ? { ...each, [field]: currentTarget.value } : each)))
            }
          />
          <LabelSelect
            label={index === 0 ? 'says' : undefined}
            aria-label={`Label of ${title.toLowerCase()} ${index + 1}`}
            value={rule.label}
            error={faultAt(path(index, 'label'))}
            onChange={(label) => write(rules.map((each, at) => (at === index ? { ...each, label } : each)))}
          />
          {rules.length > 1 && (
            <ActionIcon
              variant="subtle"
              color="gray"
              size={28}
              mt={index === 0 ? 22 : 0}
              aria-label={`Remove ${title.toLowerCase()} ${index + 1}`}
              onClick={() => write(rules.filter((_, at) => at !== index))}
            >
              <IconX size={14} aria-hidden />
            </ActionIcon>
          )}
        </div>
      ))}
      <div>
        <Button
          variant="subtle"
          color="gray"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => write([...rules, { [field]: '', label: rules.at(-1)?.label ?? labels[0].id }])}
        >
          {add}
        </Button>
      </div>
    </div>
  );
}
