import { Alert, Button, Group, Radio, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { api, keys, messageOf, queries } from '../api.ts';
import { Page } from '../design/page.tsx';
import { sizeOf } from '../design/sizes.ts';
import { TopBar } from '../frame/top-bar.tsx';
import { DropZone } from '../panels/drop-zone.tsx';
import { QuestionFields } from '../panels/question-fields.tsx';
import { projectTemplates } from '../state/project-templates.ts';
import { newQuestion, type QuestionDraft, questionOf, questionProblems, writtenQuestions } from '../state/question-draft.ts';
import { startUpload } from '../state/uploads.ts';
import classes from './new-project.module.css';

/** From nothing to a first file in under a minute: a name, labels, a file. */
export function NewProjectPage() {
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [template, setTemplate] = useState('own');
  const [questions, setQuestions] = useState<readonly QuestionDraft[]>(() => [questionOf(projectTemplates[0])]);
  const [guidelines, setGuidelines] = useState('');
  const [file, setFile] = useState<File>();
  const [isChecked, setChecked] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<string>();

  const choose = (id: string) => {
    const chosen = projectTemplates.find((each) => each.id === id) ?? projectTemplates[0];
    setTemplate(id);
    setQuestions([questionOf(chosen), ...questions.slice(1)]);
  };
  const problems = questionProblems(questions);
  const nameFault = name.trim() === '' && 'A project needs a name';

  const create = async (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (nameFault || problems.size > 0) return;
    setBusy(true);
    setFault(undefined);
    try {
      const { id } = await api.createProject({
        body: {
          name: name.trim(),
          schema: {
            questions: writtenQuestions(questions),
            ...(guidelines.trim() !== '' && { guidelines }),
          },
        },
      });
      void queries.invalidateQueries({ queryKey: keys.projects });
      const upload = file && (await startUpload(id, file));
      await navigate({ to: '/projects/$project/import', params: { project: id }, search: upload === undefined ? {} : { import: upload } });
    } catch (error) {
      setFault(messageOf(error));
      setBusy(false);
    }
  };

  return (
    <>
      <TopBar />
      <main id="main">
        <Page title="New project" narrow>
          <form onSubmit={(event) => void create(event)} noValidate>
            <Stack gap={28}>
              <TextInput
                size="sm"
                label="Name"
                autoFocus
                placeholder="Reviews of spring"
                value={name}
                error={isChecked && nameFault}
                onChange={(event) => setName(event.currentTarget.value)}
              />
              <Radio.Group label="What is it about?" value={template} onChange={choose}>
                <div className={classes.templates}>
                  {projectTemplates.map((each) => (
                    <Radio.Card key={each.id} value={each.id} className={classes.template} aria-label={each.title}>
                      <Text fw={550}>{each.title}</Text>
                      <Text size="xs" c="dimmed">
                        {each.example}
                      </Text>
                    </Radio.Card>
                  ))}
                </div>
              </Radio.Group>
              {questions.map((question, at) => (
                <QuestionFields
                  key={question.key}
                  question={question}
                  number={questions.length > 1 ? at + 1 : undefined}
                  problem={isChecked ? problems.get(question.key) : undefined}
                  onChange={(change) => setQuestions(questions.map((each) => (each === question ? { ...each, ...change } : each)))}
                  onRemove={at > 0 ? () => setQuestions(questions.filter((each) => each !== question)) : undefined}
                />
              ))}
              {questions.length < 20 && (
                <Button
                  variant="subtle"
                  color="gray"
                  mt={-16}
                  leftSection={<IconPlus size={14} aria-hidden />}
                  style={{ alignSelf: 'flex-start' }}
                  onClick={() => setQuestions([...questions, newQuestion()])}
                >
                  Ask another question
                </Button>
              )}
              {file ? (
                <Group>
                  <Text>
                    {file.name} <FileSize bytes={file.size} />
                  </Text>
                  <Button variant="subtle" color="gray" onClick={() => setFile(undefined)}>
                    Another file
                  </Button>
                </Group>
              ) : (
                <DropZone
                  isSmall
                  title="Drop a file with the items"
                  hint="CSV, TSV, JSONL, JSON or XLSX, a row per item. You can do that later too."
                  onFile={(dropped) => {
                    setFile(dropped);
                    if (name.trim() === '') setName(dropped.name.replace(/\.[^.]+$/, ''));
                  }}
                />
              )}
              <Textarea
                label="Guidelines"
                description="For those who label: what belongs where, and what to do in doubt. Markdown. May come later."
                autosize
                minRows={2}
                maxRows={12}
                value={guidelines}
                onChange={(event) => setGuidelines(event.currentTarget.value)}
              />
              {fault !== undefined && (
                <Alert color="red" role="alert" title="The project was not made">
                  {fault}
                </Alert>
              )}
            </Stack>
            <div className={classes.foot}>
              <Button type="submit" size="sm" loading={isBusy}>
                {file ? `Create and import ${short(file.name)}` : 'Create project'}
              </Button>
              <Text size="xs" c="dimmed">
                Everything can be changed later.
              </Text>
            </div>
          </form>
        </Page>
      </main>
    </>
  );
}

function FileSize({ bytes }: { bytes: number }) {
  return (
    <Text span c="dimmed">
      {sizeOf(bytes)}
    </Text>
  );
}

function short(name: string): string {
  return name.length > 32 ? `${name.slice(0, 29)}…` : name;
}
