import type { Project } from '@labelwright/contract/projects';
import type { SchemaJson } from '@labelwright/contract/schema';
import { CallError } from '@labelwright/contract/client';
import { Alert, Button, Switch, Text, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useProject } from '../state/project.ts';
import { type ProjectPart, useProjectEdit } from '../state/project-edit.ts';
import { changeLabel, restoreLabel, schemaProblem } from '../state/schema-edit.ts';
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
  const change = (id: string, to: (question: Question) => Question) =>
    edit.set(edit.value.map((question) => (question.id === id ? to(question) : question)));
  const problem = edit.value.map(schemaProblem).find((each) => each !== undefined);
  return (
    <>
      {edit.value.map((question) => (
        <QuestionEditor key={question.id} question={question} onChange={(to) => change(question.id, to)} />
      ))}
      <SaveBar
        edit={edit}
        problem={problem}
        explain={(fault) => labelInUse(fault, project, (id, label) => change(id, (question) => putBack(question, project, label)))}
      />
    </>
  );
}

function QuestionEditor({ question, onChange }: { question: Question; onChange: (to: (question: Question) => Question) => void }) {
  const { id, title, multiple, labels } = question;
  const hasParents = labels.some(({ parent }) => parent !== undefined);
  const [wantsTree, setWantsTree] = useState(hasParents);
  const flatten = () =>
    onChange((before) => before.labels.reduce((flat, label) => changeLabel(flat, label.id, { parent: undefined }), before));
  return (
    <section aria-label={`Question ${id}`} className={classes.question}>
      <TextInput
        label="Question"
        description={`Known as ${id}`}
        maw={560}
        maxLength={500}
        value={title}
        onChange={(event) => {
          const { value } = event.currentTarget;
          onChange((before) => ({ ...before, title: value }));
        }}
      />
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
