import { Alert, Button, Checkbox, Group, Radio, SegmentedControl, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { api, keys, messageOf, queries } from '../api.ts';
import { Page } from '../design/page.tsx';
import { sizeOf } from '../design/sizes.ts';
import { TopBar } from '../frame/top-bar.tsx';
import { DropZone } from '../panels/drop-zone.tsx';
import { LabelsEditor } from '../panels/labels-editor.tsx';
import { atTop, type LabelDraft, labelProblems, newLabel, writtenLabels } from '../state/label-draft.ts';
import { projectTemplates } from '../state/project-templates.ts';
import { startUpload } from '../state/uploads.ts';
import classes from './new-project.module.css';

/** From nothing to a first file in under a minute: a name, labels, a file. */
export function NewProjectPage() {
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [template, setTemplate] = useState('own');
  const [title, setTitle] = useState(projectTemplates[0].question);
  const [labels, setLabels] = useState<LabelDraft[]>(() => [newLabel(), newLabel()]);
  const [isMultiple, setMultiple] = useState(false);
  const [isTree, setTree] = useState(false);
  const [guidelines, setGuidelines] = useState('');
  const [file, setFile] = useState<File>();
  const [isChecked, setChecked] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<string>();

  const choose = (id: string) => {
    const chosen = projectTemplates.find((each) => each.id === id) ?? projectTemplates[0];
    setTemplate(id);
    setTitle(chosen.question);
    setLabels(id === 'own' ? [newLabel(), newLabel()] : chosen.labels.map((each) => newLabel(each)));
    setMultiple(chosen.multiple ?? false);
    setTree(false);
  };
  const written = writtenLabels(isTree ? labels : atTop(labels));
  const nameFault = name.trim() === '' && 'A project needs a name';
  const labelsFault = written.length === 0 ? 'At least one label is needed; two or more make a choice' : undefined;

  const create = async (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (nameFault || labelsFault || labelProblems(labels).size > 0) return;
    setBusy(true);
    setFault(undefined);
    try {
      const { id } = await api.createProject({
        body: {
          name: name.trim(),
          schema: {
            questions: [{ kind: 'choice', id: 'label', title: title.trim() || 'Which label fits?', labels: written, multiple: isMultiple }],
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
              <TextInput
                size="sm"
                label="Question"
                description="What people read above the labels"
                value={title}
                onChange={(event) => setTitle(event.currentTarget.value)}
              />
              <Stack gap="sm" role="group" aria-label="Labels">
                <Group justify="space-between">
                  <Text fw={500} size="sm">
                    Labels
                  </Text>
                  <Group gap="md">
                    <Checkbox
                      size="xs"
                      label="some are below others (a tree)"
                      checked={isTree}
                      onChange={(event) => setTree(event.currentTarget.checked)}
                    />
                    <SegmentedControl
                      size="xs"
                      aria-label="How many labels may an item have?"
                      data={[
                        { value: 'one', label: 'one per item' },
                        { value: 'several', label: 'several per item' },
                      ]}
                      value={isMultiple ? 'several' : 'one'}
                      onChange={(value) => setMultiple(value === 'several')}
                    />
                  </Group>
                </Group>
                <LabelsEditor labels={labels} onChange={setLabels} isTree={isTree} />
                {isChecked && labelsFault && (
                  <Text c="var(--mantine-color-error)" size="xs" role="alert">
                    {labelsFault}
                  </Text>
                )}
              </Stack>
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
