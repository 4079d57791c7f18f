import type { ItemFilter } from '@labelwright/contract/items';
import { Button, Menu, Popover, TextInput } from '@mantine/core';
import { IconPlus, IconSearch, IconX } from '@tabler/icons-react';
import { type ReactNode, type Ref, useEffect, useState } from 'react';
import { titleOf } from '../design/label-chip.tsx';
import { chipsOf, tidy, withoutChip } from '../state/item-filter.ts';
import type { Question } from '../state/label-tree.ts';
import classes from './filter-bar.module.css';
import { ConditionForm, type ConditionKind } from './filter-condition.tsx';

interface FilterBarProps {
  readonly filter: ItemFilter;
  readonly question: Question;
  /** Fields that can be asked about. */
  readonly fields: readonly string[];
  readonly onChange: (filter: ItemFilter) => void;
  readonly searchRef: Ref<HTMLInputElement>;
}

const kinds: readonly { readonly kind: ConditionKind; readonly title: string }[] = [
  { kind: 'answer', title: 'Answer' },
  { kind: 'decision', title: 'Decision' },
  { kind: 'probability', title: 'Probability' },
  { kind: 'voted', title: 'Voted by' },
  { kind: 'field', title: 'Field' },
];

/** What is looked for, as a row of conditions that all must hold. Each can be changed by a click and taken away by its cross. */
export function FilterBar({ filter, question, fields, onChange, searchRef }: FilterBarProps) {
  const [edited, setEdited] = useState<string>();
  const chips = chipsOf(filter, (label) => titleOf(question, label));
  const put = (part: ItemFilter) => onChange(tidy({ ...filter, ...part }));
  return (
    <div className={classes.bar} role="search" aria-label="Filter">
      <SearchField value={filter.search ?? ''} onChange={(search) => put({ search })} inputRef={searchRef} />
      {chips.map(({ key, text }) => (
        <Condition
          key={key}
          text={text}
          isOpen={edited === key}
          onOpen={(isOpen) => setEdited(isOpen ? key : undefined)}
          onRemove={() => onChange(withoutChip(filter, key))}
        >
          {formKind(key) && (
            <ConditionForm
              kind={formKind(key) as ConditionKind}
              at={Number(key.split(' ')[1] ?? 0)}
              filter={filter}
              question={question}
              fields={fields}
              onChange={put}
              close={() => setEdited(undefined)}
            />
          )}
        </Condition>
      ))}
      <AddCondition filter={filter} question={question} fields={fields} put={put} />
      {chips.length > 0 && (
        <Button variant="subtle" color="gray" size="compact-xs" fw={400} onClick={() => onChange(tidy({ search: filter.search }))}>
          Clear all
        </Button>
      )}
    </div>
  );
}

/** Types into the URL when the typing pauses. */
function SearchField({ value, onChange, inputRef }: { value: string; onChange: (text: string) => void; inputRef: Ref<HTMLInputElement> }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return undefined;
    const timer = setTimeout(() => onChange(text), 300);
    return () => clearTimeout(timer);
  }, [text, value, onChange]);
  return (
    <TextInput
      ref={inputRef}
      className={classes.search}
      type="search"
      aria-label="Search the items"
      placeholder='Words or "a phrase"  /'
      leftSection={<IconSearch size={14} aria-hidden />}
      maxLength={500}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') onChange(text);
        if (event.key !== 'Escape' && event.key !== 'Enter') return;
        // Escape steps back to the table; the browser would empty the field.
        event.preventDefault();
        event.currentTarget.blur();
      }}
    />
  );
}

interface ConditionProps {
  readonly text: string;
  readonly isOpen: boolean;
  readonly onOpen: (isOpen: boolean) => void;
  readonly onRemove: () => void;
  readonly children: ReactNode;
}

function Condition({ text, isOpen, onOpen, onRemove, children }: ConditionProps) {
  const cross = (
    <button type="button" className={classes.cross} aria-label={`Remove the condition: ${text}`} onClick={onRemove}>
      <IconX size={12} aria-hidden />
    </button>
  );
  if (!children) {
    return (
      <span className={classes.chip}>
        <span className={classes.words}>{text}</span>
        {cross}
      </span>
    );
  }
  return (
    <Popover opened={isOpen} onChange={onOpen} position="bottom-start" trapFocus withinPortal>
      <span className={classes.chip}>
        <Popover.Target>
          <button type="button" className={classes.words} onClick={() => onOpen(!isOpen)}>
            {text}
          </button>
        </Popover.Target>
        {cross}
      </span>
      <Popover.Dropdown>{children}</Popover.Dropdown>
    </Popover>
  );
}

interface AddConditionProps extends Pick<FilterBarProps, 'filter' | 'question' | 'fields'> {
  readonly put: (part: ItemFilter) => void;
}

function AddCondition({ filter, question, fields, put }: AddConditionProps) {
  const [kind, setKind] = useState<ConditionKind>();
  return (
    <Popover
      opened={kind !== undefined}
      onChange={(isOpen) => !isOpen && setKind(undefined)}
      position="bottom-start"
      trapFocus
      withRoles={false}
      withinPortal
    >
      <Popover.Target>
        <span>
          <Menu position="bottom-start" withinPortal>
            <Menu.Target>
              <Button variant="default" leftSection={<IconPlus size={13} aria-hidden />}>
                Filter
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {kinds.map(({ kind, title }) => (
                <Menu.Item key={kind} onClick={() => setTimeout(() => setKind(kind))}>
                  {title} …
                </Menu.Item>
              ))}
              <Menu.Item disabled={filter.disagreement === true} onClick={() => put({ disagreement: true })}>
                Labelers disagree
              </Menu.Item>
              <Menu.Item disabled={filter.flagged === true} onClick={() => put({ flagged: true })}>
                Flagged
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </span>
      </Popover.Target>
      <Popover.Dropdown>
        {kind && (
          <ConditionForm
            kind={kind}
            at={kind === 'field' ? (filter.field?.length ?? 0) : 0}
            filter={filter}
            question={question}
            fields={fields}
            onChange={put}
            close={() => setKind(undefined)}
          />
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

function formKind(key: string): ConditionKind | undefined {
  const name = key.split(' ')[0];
  return kinds.find(({ kind }) => kind === name)?.kind;
}
