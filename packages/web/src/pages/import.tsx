import type { ImportPreview, ImportState } from '@labelwright/contract/imports';
import { Alert, Button, Group, Progress, Select, Skeleton, Stack, Switch, Text } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { api, keys, messageOf, queries } from '../api.ts';
import { Later } from '../design/later.tsx';
import { ErrorNotice } from '../design/notices.tsx';
import { count, duration, percent } from '../design/numbers.tsx';
import { Page, Section } from '../design/page.tsx';
import page from '../design/page.module.css';
import { sizeOf } from '../design/sizes.ts';
import { showFault } from '../design/toasts.tsx';
import { DropZone } from '../panels/drop-zone.tsx';
import { GoldLabels, ImportColumns } from '../panels/import-preview.tsx';
import { ProblemList } from '../panels/problem-list.tsx';
import { type FieldRole, rolesOf, settingsFor, withRole } from '../state/field-roles.ts';
import { useProject, useQuestion } from '../state/project.ts';
import { resumeUpload, startUpload, stopUpload, type Upload, useUpload } from '../state/uploads.ts';
import classes from './import.module.css';

const route = getRouteApi('/projects/$project/import');

export function ImportPage() {
  const { import: id } = route.useSearch();
  return id === undefined ? <ChooseFile /> : <OneImport key={id} id={id} />;
}

function ChooseFile() {
  const project = useProject();
  const navigate = useNavigate();
  const imports = useQuery({ queryKey: keys.imports(project.id), queryFn: () => api.listImports({ params: { project: project.id } }) });
  const begin = async (file: File) => {
    try {
      const id = await startUpload(project.id, file);
      await navigate({ to: '/projects/$project/import', params: { project: project.id }, search: { import: id } });
    } catch (error) {
      showFault(error);
    }
  };
  return (
    <Page title="Import" narrow>
      <DropZone
        title={project.items === 0 ? 'Drop the file with your items' : 'Drop a file with more items'}
        hint="CSV, TSV, JSONL, JSON or XLSX, a row per item, of any size. Items that are there already are left as they are."
        onFile={(file) => void begin(file)}
      />
      {imports.error && <ErrorNotice error={imports.error} retry={() => void imports.refetch()} />}
      {imports.data && imports.data.length > 0 && (
        <Section title="Files so far">
          <div className={page.scroll}>
            <table className={page.table} aria-label="Imports">
              <thead>
                <tr>
                  <th scope="col">File</th>
                  <th scope="col">State</th>
                  <th scope="col" data-number>
                    New items
                  </th>
                  <th scope="col" data-number>
                    Problems
                  </th>
                  <th scope="col" data-number>
                    Size
                  </th>
                </tr>
              </thead>
              <tbody>
                {imports.data.map((each) => (
                  <tr key={each.id}>
                    <td>
                      <Link to="/projects/$project/import" params={{ project: project.id }} search={{ import: each.id }}>
                        {each.fileName}
                      </Link>
                    </td>
                    <td>{stateWords[each.state]}</td>
                    <td data-number>{count(each.items)}</td>
                    <td data-number>{count(each.problems)}</td>
                    <td data-number>{sizeOf(each.sizeBytes)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </Section>
      )}
    </Page>
  );
}

const stateWords: Readonly<Record<ImportState['state'], string>> = {
  uploading: 'upload unfinished',
  uploaded: 'waits for you',
  queued: 'begins soon',
  running: 'being read',
  done: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
};

const isUnderWay = (state: ImportState['state'] | undefined) => state === 'queued' || state === 'running';

function OneImport({ id }: { id: number }) {
  const project = useProject();
  const params = { project: project.id, import: id };
  const state = useQuery({
    queryKey: [...keys.imports(project.id), id],
    queryFn: () => api.getImport({ params }),
    // Events say when something changes; this is for when they do not come through.
    refetchInterval: ({ state: { data } }) => (isUnderWay(data?.state) ? 2_000 : false),
  });
  const isDone = state.data?.state === 'done';
  useEffect(() => {
    if (isDone) void queries.invalidateQueries({ queryKey: keys.project(project.id) });
  }, [isDone, project.id]);
  if (state.error) return <ErrorNotice error={state.error} retry={() => void state.refetch()} />;
  if (!state.data) return null;
  return (
    <Page
      title={`Import ${state.data.fileName}`}
      actions={
        <Button
          variant="default"
          renderRoot={(props) => <Link to="/projects/$project/import" params={{ project: project.id }} search={{}} {...props} />}
        >
          Another file
        </Button>
      }
    >
      <Stage state={state.data} />
    </Page>
  );
}

function Stage({ state }: { state: ImportState }) {
  if (isUnderWay(state.state)) return <Running state={state} />;
  if (state.state === 'done') return <Done state={state} />;
  return <Prepare state={state} />;
}

const encodings = [
  { value: '', label: 'found by itself' },
  { value: 'utf-8', label: 'UTF-8' },
  { value: 'windows-1252', label: 'Windows-1252 (Western)' },
  { value: 'iso-8859-2', label: 'ISO 8859-2 (Central European)' },
  { value: 'windows-1251', label: 'Windows-1251 (Cyrillic)' },
  { value: 'utf-16le', label: 'UTF-16' },
  { value: 'shift_jis', label: 'Shift JIS (Japanese)' },
  { value: 'euc-kr', label: 'EUC-KR (Korean)' },
  { value: 'gb18030', label: 'GB 18030 (Chinese)' },
  { value: 'big5', label: 'Big5 (Chinese)' },
];

/** The file arrives and is looked at; the person says what its columns are. */
function Prepare({ state }: { state: ImportState }) {
  const project = useProject();
  const upload = useUpload(state.id);
  const [encoding, setEncoding] = useState('');
  const params = { project: project.id, import: state.id };
  const isPartial = state.state === 'uploading';
  const preview = useQuery({
    queryKey: ['preview-import', project.id, state.id, encoding, isPartial],
    queryFn: () => api.previewImport({ params, query: encoding === '' ? {} : { encoding } }),
    enabled: !isPartial || state.receivedBytes > 0,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Stack gap="lg">
      {state.state === 'failed' && (
        <Alert color="red" role="alert" title="This file was not imported">
          {state.error ?? 'The server did not say why.'} Change what is needed below and begin again; items that are here already stay.
        </Alert>
      )}
      {state.state === 'cancelled' && (
        <Alert color="gray">This import was cancelled: the items that it had stored stay. You can begin again.</Alert>
      )}
      {isPartial && <UploadProgress state={state} upload={upload} />}
      {preview.error && !isPartial && <ErrorNotice error={preview.error} retry={() => void preview.refetch()} />}
      {preview.isLoading && (
        <Later>
          <Skeleton h={260} aria-label="Loading" />
        </Later>
      )}
      {preview.data && (
        <Columns
          key={preview.data.fields.map(({ name }) => name).join('\n')}
          state={state}
          preview={preview.data}
          encoding={encoding}
          onEncoding={setEncoding}
        />
      )}
    </Stack>
  );
}

function UploadProgress({ state, upload }: { state: ImportState; upload: Upload | undefined }) {
  const project = useProject();
  const [fault, setFault] = useState<string>();
  const received = Math.max(state.receivedBytes, upload?.received ?? 0);
  const share = state.sizeBytes === 0 ? 1 : received / state.sizeBytes;
  const left = upload && upload.bytesPerSecond > 0 ? (state.sizeBytes - received) / upload.bytesPerSecond : undefined;
  const isActive = upload?.kind === 'sending' || upload?.kind === 'waiting' || upload?.kind === 'done';
  const resume = (file: File) => {
    setFault(undefined);
    try {
      resumeUpload(project.id, state, file);
    } catch (error) {
      setFault(messageOf(error));
    }
  };
  return (
    <Stack gap="sm">
      <Progress value={share * 100} aria-label="Upload" />
      <Group justify="space-between">
        <Text size="sm" role="status">
          {sizeOf(received)} of {sizeOf(state.sizeBytes)}
          {upload?.kind === 'sending' && left !== undefined && ` · ${sizeOf(upload.bytesPerSecond)}/s · ${duration(left)} left`}
          {upload?.kind === 'waiting' && ` · ${upload.fault}; it goes on by itself`}
          {upload?.kind === 'stopped' && ' · paused'}
        </Text>
        {isActive && upload.kind !== 'done' && (
          <Button variant="subtle" color="gray" onClick={() => stopUpload(state.id)}>
            Pause
          </Button>
        )}
      </Group>
      {upload?.kind === 'failed' && (
        <Alert color="red" role="alert" title="The upload stopped">
          {upload.fault}
        </Alert>
      )}
      {fault !== undefined && (
        <Alert color="red" role="alert">
          {fault}
        </Alert>
      )}
      {!isActive && (
        <DropZone
          isSmall
          title={`Choose ${state.fileName} again to go on`}
          hint={`The first ${sizeOf(received)} are here: only the rest is sent.`}
          onFile={resume}
        />
      )}
    </Stack>
  );
}

interface ColumnsProps {
  readonly state: ImportState;
  readonly preview: ImportPreview;
  readonly encoding: string;
  readonly onEncoding: (encoding: string) => void;
}

function Columns({ state, preview, encoding, onEncoding }: ColumnsProps) {
  const project = useProject();
  const { labels } = useQuestion();
  const [roles, setRoles] = useState(() => rolesOf(preview, project.settings, project.items > 0));
  const [idField, setIdField] = useState(preview.suggestion.idField ?? '');
  const [isStrict, setStrict] = useState(false);
  const [isWanted, setWanted] = useState(false);
  const [fault, setFault] = useState<unknown>();
  const gold = Object.keys(roles).find((name) => roles[name] === 'gold');
  const values = gold === undefined ? [] : valuesOf(preview, gold);
  const [goldLabels, setGoldLabels] = useState<Record<string, string>>(() => project.settings.goldLabels ?? {});
  const guessed = Object.fromEntries(
    values.flatMap((value) => {
      const label = labels.find(
        ({ id, title }) => id.toLowerCase() === value.toLowerCase() || title?.toLowerCase() === value.toLowerCase(),
      );
      return label ? [[value, label.id]] : [];
    }),
  );
  const meaning = { ...guessed, ...goldLabels };
  const isSameWords = values.every((value) => labels.some(({ id }) => id === value));
  const isHere = state.state !== 'uploading';
  // A column named id is what items are called, not one of their fields.
  const ids = [
    ...new Set([...(preview.suggestion.idField === null ? [] : [preview.suggestion.idField]), ...preview.fields.map(({ name }) => name)]),
  ];

  useEffect(() => {
    if (!isWanted || !isHere) return;
    const start = async () => {
      const params = { project: project.id, import: state.id };
      const chosen = settingsFor(roles, project.settings, isSameWords ? {} : meaning);
      await api.updateProject({ params: { project: project.id }, body: { version: project.version, settings: chosen } });
      const next = await api.startImport({
        params,
        body: { ...(encoding !== '' && { encoding }), ...(idField !== '' && { idField }), onProblem: isStrict ? 'all-or-nothing' : 'skip' },
      });
      queries.setQueryData([...keys.imports(project.id), state.id], next);
      await queries.invalidateQueries({ queryKey: keys.project(project.id) });
    };
    setFault(undefined);
    start().catch((error: unknown) => {
      setFault(error);
      setWanted(false);
    });
    // what is chosen is read once, when the start is asked for
  }, [isWanted, isHere]);

  return (
    <div>
      <Group justify="space-between" align="end" mb="sm">
        <Text size="sm" c="dimmed">
          Say what each column is for. Text is what labelers and people read, gold is trusted and only scores.
        </Text>
        <Group gap="md" align="end">
          <Select
            label="Id of an item"
            data={[{ value: '', label: 'its position in the file' }, ...ids.map((name) => ({ value: name, label: name }))]}
            value={idField}
            allowDeselect={false}
            onChange={(value) => setIdField(value ?? '')}
          />
          <Select label="Encoding" data={encodings} value={encoding} allowDeselect={false} onChange={(value) => onEncoding(value ?? '')} />
        </Group>
      </Group>
      <ImportColumns preview={preview} roles={roles} onRole={(name, role: FieldRole) => setRoles(withRole(roles, name, role))} />
      {gold !== undefined && values.length > 0 && !isSameWords && values.length <= 30 && (
        <Section title={`Gold: ${gold}`}>
          <GoldLabels values={values} chosen={meaning} onChange={setGoldLabels} />
        </Section>
      )}
      {preview.problems.length > 0 && (
        <Section title="Lines that cannot be read" note="in the first rows; the rest is imported">
          <ProblemList problems={preview.problems} />
        </Section>
      )}
      {fault !== undefined && (
        <Stack mt="md">
          <ErrorNotice error={fault} retry={() => setWanted(true)} />
        </Stack>
      )}
      <div className={classes.foot}>
        <Button size="sm" loading={isWanted && isHere} disabled={isWanted && !isHere} onClick={() => setWanted(true)}>
          {isWanted && !isHere ? 'Begins when the file is here' : 'Import'}
        </Button>
        <Switch
          size="xs"
          label="Import nothing where a line cannot be read"
          checked={isStrict}
          onChange={(event) => setStrict(event.currentTarget.checked)}
        />
        {Object.values(roles).every((role) => role !== 'text') && (
          <Text size="xs" c="dimmed">
            No column is text: labelers see the columns beside the item.
          </Text>
        )}
      </div>
    </div>
  );
}

function valuesOf(preview: ImportPreview, field: string): string[] {
  const values = preview.rows.map(({ fields }) => fields[field]).filter((value) => value !== undefined && value !== null && value !== '');
  return [...new Set(values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))))];
}

function Running({ state }: { state: ImportState }) {
  const project = useProject();
  const cancel = () => {
    api
      .cancelImport({ params: { project: project.id, import: state.id } })
      .then((next) => queries.setQueryData([...keys.imports(project.id), state.id], next), showFault);
  };
  return (
    <Stack gap="sm" maw={640}>
      <Progress value={state.share * 100} aria-label="Import" />
      <Group justify="space-between">
        <Text role="status">
          {state.state === 'queued' ? 'Begins soon' : `${percent(state.share)} read · ${count(state.items)} items`}
          {state.problems > 0 && ` · ${lines(state.problems)} with problems`}
        </Text>
        <Button variant="default" onClick={cancel}>
          Cancel
        </Button>
      </Group>
      <Text size="sm" c="dimmed">
        This goes on without you: leave the page whenever you like.
      </Text>
    </Stack>
  );
}

function Done({ state }: { state: ImportState }) {
  const { id } = useProject();
  return (
    <Stack gap="lg" align="flex-start">
      <Stack gap={4} role="status">
        <Text size="xl" fw={600}>
          {count(state.items)} new items
        </Text>
        <Text c="dimmed">
          {state.duplicates > 0 && `${count(state.duplicates)} were here already and stay as they are. `}
          {state.problems > 0 ? `${lines(state.problems)} could not be read.` : 'Every line could be read.'}
        </Text>
      </Stack>
      <Group>
        <Button size="sm" renderRoot={(props) => <Link to="/projects/$project/labelers" params={{ project: id }} search={{}} {...props} />}>
          Add labelers
        </Button>
        <Button
          size="sm"
          variant="default"
          renderRoot={(props) => <Link to="/projects/$project/label" params={{ project: id }} search={{}} {...props} />}
        >
          Label by hand
        </Button>
      </Group>
      {state.firstProblems.length > 0 && (
        <Section title="Lines that could not be read">
          <ProblemList problems={state.firstProblems} total={state.problems} />
        </Section>
      )}
    </Stack>
  );
}

function lines(n: number): string {
  return n === 1 ? '1 line' : `${count(n)} lines`;
}
