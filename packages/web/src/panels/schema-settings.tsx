import type { Project } from '@labelwright/contract/projects';
import type { SchemaJson } from '@labelwright/contract/schema';
import { CallError } from '@labelwright/contract/client';
import { ActionIcon, Alert, Button, Group, Switch, Text, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useProject } from '../state/project.ts';
import { type ProjectPart, useProjectEdit } from '../state/project-edit.ts';
import {
  addQuestion,
  changeLabel,
  moveQuestion,
  removeQuestion,
  restoreLabel,
  restoreQuestion,
  schemaProblem,
} from '../state/schema-edit.ts';
import { SaveBar } from './save-bar.tsx';
import { SchemaLabels } from './schema-labels.tsx';
import classes from './schema-settings.module.css';

type Question = SchemaJson['questions'][number];

const questionsPart: ProjectPart<Question[]> = {
  name: 'schema',
  read: ({ schema }) => schema.questions,
  write: ({ schema }, questions) => ({ schema: { ...schema, questions } }),
};

/** The questions and their labels. */
export function SchemaSettings() {
  const project = useProject();
  const edit = useProjectEdit(questionsPart);
  const questions = edit.value;
  const change = (id: string, to: (question: Question) => Question) =>
    edit.set(questions.map((question) => (question.id === id ? to(question) : question)));
  const problem = questions.map(schemaProblem).find((each) => each !== undefined);
  const [meant, setMeant] = useState<readonly string[]>([]);
  const goesAllTheSame = (id: string) => {
    setMeant([...meant, id]);
    void edit.save({ without: [...meant, id] });
  };
  return (
    <>
      {questions.map((question, position) => (
        <QuestionEditor
          key={question.id}
          question={question}
          onChange={(to) => change(question.id, to)}
          order={
            questions.length > 1 && (
              <QuestionOrder
                name={question.title}
                position={position}
                n={questions.length}
                onMove={(step) => edit.set(moveQuestion(questions, question.id, step))}
                onRemove={() => edit.set(removeQuestion(questions, question.id))}
              />
            )
          }
        />
      ))}
      {questions.length < 20 && <AddQuestion onAdd={(title) => edit.set(addQuestion(questions, title))} />}
      <SaveBar
        edit={edit}
        problem={problem}
        explain={(fault) =>
          labelInUse(fault, project, (id, label) => change(id, (question) => putBack(question, project, label))) ??
          questionInUse(fault, project, {
            putBack: (id) => edit.set(restoreQuestion(questions, project.schema.questions, id)),
            remove: goesAllTheSame,
          })
        }
      />
    </>
  );
}

interface QuestionEditorProps {
  readonly question: Question;
  readonly onChange: (to: (question: Question) => Question) => void;
  /** Where there are several: what moves it. */
  readonly order: ReactNode;
}

function QuestionEditor({ question, onChange, order }: QuestionEditorProps) {
  const { id, title, multiple, labels } = question;
  const hasParents = labels.some(({ parent }) => parent !== undefined);
  const [wantsTree, setWantsTree] = useState(hasParents);
  const flatten = () =>
    onChange((before) => before.labels.reduce((flat, label) => changeLabel(flat, label.id, { parent: undefined }), before));
  return (
    <section aria-label={`Question ${id}`} className={classes.question}>
      <div className={classes.head}>
        <TextInput
          label="Question"
          description={`Known as ${id}`}
          className={classes.title ?? ''}
          maxLength={500}
          value={title}
          onChange={(event) => {
            const { value } = event.currentTarget;
            onChange((before) => ({ ...before, title: value }));
          }}
        />
        {order}
      </div>
      <Switch
        mt="md"
        label="Several labels may hold at once"
        checked={multiple}
        onChange={(event) => {
          const { checked } = event.currentTarget;
          onChange((before) => ({ ...before, multiple: checked }));
        }}
      />
      <Switch
        mt="sm"
        label="Labels form a tree"
        checked={wantsTree || hasParents}
        onChange={(event) => {
          setWantsTree(event.currentTarget.checked);
          if (!event.currentTarget.checked) flatten();
        }}
      />
      <SchemaLabels question={question} isTree={wantsTree || hasParents} onChange={onChange} />
    </section>
  );
}

interface QuestionOrderProps {
  readonly name: string;
  readonly position: number;
  readonly n: number;
  readonly onMove: (step: -1 | 1) => void;
  readonly onRemove: () => void;
}

function QuestionOrder({ name, position, n, onMove, onRemove }: QuestionOrderProps) {
  const button = { variant: 'subtle', color: 'gray', size: 30 } as const;
  return (
    <div className={classes.order}>
      <Text size="xs" c="dimmed" span>
        {position + 1} of {n}
      </Text>
      <ActionIcon {...button} aria-label={`Move the question ${name} up`} disabled={position === 0} onClick={() => onMove(-1)}>
        <IconArrowUp size={16} aria-hidden />
      </ActionIcon>
      <ActionIcon {...button} aria-label={`Move the question ${name} down`} disabled={position === n - 1} onClick={() => onMove(1)}>
        <IconArrowDown size={16} aria-hidden />
      </ActionIcon>
      <ActionIcon {...button} aria-label={`Remove the question ${name}`} onClick={onRemove}>
        <IconTrash size={16} aria-hidden />
      </ActionIcon>
    </div>
  );
}

/** Most projects ask one thing: until somebody wants another, this is one quiet button. */
function AddQuestion({ onAdd }: { onAdd: (title: string) => void }) {
  const [title, setTitle] = useState<string>();
  if (title === undefined) {
    return (
      <Button mt="xl" variant="subtle" color="gray" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => setTitle('')}>
        Ask another question
      </Button>
    );
  }
  const add = (event: FormEvent) => {
    event.preventDefault();
    if (title.trim() === '') return;
    onAdd(title);
    setTitle(undefined);
  };
  return (
    <form className={classes.add} onSubmit={add}>
      <TextInput
        autoFocus
        label="Another question about each item"
        description="It gets votes, estimates and a queue of its own."
        placeholder="Which language is it in?"
        maxLength={500}
        className={classes.title ?? ''}
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && setTitle(undefined)}
      />
      <Group gap="sm" mt="sm">
        <Button type="submit" variant="default" disabled={title.trim() === ''}>
          Add question
        </Button>
        <Button variant="subtle" color="gray" onClick={() => setTitle(undefined)}>
          Cancel
        </Button>
      </Group>
    </form>
  );
}

function putBack(question: Question, project: Project, label: string): Question {
  const before = project.schema.questions.find(({ id }) => id === question.id);
  return before ? restoreLabel(question, before, label) : question;
}

/** A label goes only when nothing names it: says who does, and offers the way out. */
function labelInUse(fault: unknown, project: Project, onPutBack: (question: string, label: string) => void) {
  if (!(fault instanceof CallError) || fault.fault.code !== 'label-in-use') return undefined;
  const { question, label } = fault.fault.details ?? {};
  const params = { project: project.id };
  return (
    <Alert color="red" title="A label that is in use cannot be removed" role="alert" mb="sm">
      <Text mb="sm">{fault.message}.</Text>
      {typeof question === 'string' && typeof label === 'string' && (
        <Button variant="default" mr="sm" onClick={() => onPutBack(question, label)}>
          Put “{label}” back
        </Button>
      )}
      <Link to="/projects/$project/labelers" params={params}>
        See the labelers
      </Link>{' '}
      <Link to="/projects/$project/explore" params={params} search={{}}>
        See the answers
      </Link>
    </Alert>
  );
}

interface QuestionWays {
  readonly putBack: (question: string) => void;
  readonly remove: (question: string) => void;
}

/** A question with answers goes only when somebody says so, knowing what goes with it. */
function questionInUse(fault: unknown, project: Project, { putBack: back, remove }: QuestionWays) {
  if (!(fault instanceof CallError) || fault.fault.code !== 'question-in-use') return undefined;
  const { question, labelers } = fault.fault.details ?? {};
  if (typeof question !== 'string') return undefined;
  const hasLabelers = Array.isArray(labelers) && labelers.length > 0;
  return (
    <Alert color="red" title={hasLabelers ? 'Labelers answer this question' : 'This question has answers'} role="alert" mb="sm">
      <Text mb="sm">
        {fault.message}.{!hasLabelers && ' They stay in the history: whoever puts the question back has them again.'}
      </Text>
      <Group gap="sm">
        <Button variant="default" onClick={() => back(question)}>
          Put it back
        </Button>
        {hasLabelers ? (
          <Link to="/projects/$project/labelers" params={{ project: project.id }} search={{ question }}>
            See the labelers
          </Link>
        ) : (
          <Button variant="default" c="var(--lw-error)" onClick={() => remove(question)}>
            Remove it all the same
          </Button>
        )}
      </Group>
    </Alert>
  );
}
