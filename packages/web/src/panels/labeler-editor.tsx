import { CallError } from '@labelwright/contract/client';
import type { Labeler } from '@labelwright/contract/labelers';
import { Alert, Anchor, Button, Drawer, Group, NumberInput, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue, useHotkeys } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ComponentType, useState } from 'react';
import { api, messageOf, queries } from '../api.ts';
import { showDone, showFault } from '../design/toasts.tsx';
import { type LabelerDraft, draftFor, isComplete, labelerDrafts, type Options, withoutEmptyRows } from '../state/labeler-draft.ts';
import { freeName, refreshLabelers, type Technique } from '../state/labelers.ts';
import { useProject, useQuestion } from '../state/project.ts';
import { startRun } from '../state/runs.ts';
import { DecisionTableForm } from './labeler-forms/decision-table-form.tsx';
import { ExpressionForm } from './labeler-forms/expression-form.tsx';
import type { LabelerFormProps } from './labeler-forms/form.ts';
import { KeywordsForm } from './labeler-forms/keywords-form.tsx';
import { RegexForm } from './labeler-forms/regex-form.tsx';
import { SchemaForm } from './labeler-forms/schema-form.tsx';
import { TextForm } from './labeler-forms/text-form.tsx';
import { LabelerPreview } from './labeler-preview.tsx';
import { LabelerVersions } from './labeler-versions.tsx';
import classes from './labeler-editor.module.css';

/** Techniques whose options are drawn by hand; all others by their JSON schema. */
const forms: Readonly<Record<string, ComponentType<LabelerFormProps>>> = {
  regex: RegexForm,
  keywords: KeywordsForm,
  expression: ExpressionForm,
  'decision-table': DecisionTableForm,
  'rule-set': TextForm,
};

/** Their forms say where typing begins; elsewhere it begins with the name. */
const focusesItself = new Set(['regex', 'keywords', 'expression', 'rule-set']);

const previewDelayMs = 150;

interface LabelerEditorProps {
  readonly technique: Technique;
  /** Absent for a new one. */
  readonly labeler: Labeler | undefined;
  readonly prefill: { readonly term?: string | undefined; readonly label?: string | undefined };
  /** Names that other labelers have. */
  readonly names: ReadonlySet<string>;
  readonly onClose: () => void;
}

/** A labeler at the side: left its definition, right what it does to real items while one types. */
export function LabelerEditor({ technique, labeler, prefill, names, onClose }: LabelerEditorProps) {
  const project = useProject();
  const question = useQuestion();
  const navigate = useNavigate();
  const draftKey = `${project.id} ${labeler?.id ?? technique.name} ${prefill.term ?? ''}`;
  const [draft, setDraft] = useState<LabelerDraft>(
    () =>
      labelerDrafts.get(draftKey) ??
      draftFor(
        labeler,
        technique.name,
        prefill,
        question.labels.map(({ id }) => id),
      ),
  );
  const [isText, setText] = useState(() => technique.name === 'regex' && draft.with.patterns !== undefined);
  const [isHistoryOpen, setHistoryOpen] = useState(false);
  const [fault, setFault] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const change = (to: Partial<LabelerDraft>) => {
    const next = { ...draft, ...to };
    setDraft(next);
    labelerDrafts.set(draftKey, next);
  };

  const definition = { use: technique.name, with: withoutEmptyRows(technique.name, draft.with) as Labeler['with'], question: question.id };
  const [tried] = useDebouncedValue(definition.with, previewDelayMs);
  const canTry = project.items > 0 && isComplete(technique.name, tried);
  const preview = useQuery({
    queryKey: ['preview-labeler', project.id, technique.name, labeler?.id, JSON.stringify(tried)],
    queryFn: ({ signal }) =>
      api.previewLabeler(
        { params: { project: project.id }, body: { ...definition, with: tried, ...(labeler && { replaces: labeler.id }) } },
        { signal },
      ),
    enabled: canTry,
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 60_000,
    gcTime: 60_000,
  });

  // While a pattern is half typed, what the last whole one did stays in sight.
  const [shown, setShown] = useState(preview.data);
  if (preview.data && preview.data !== shown) setShown(preview.data);

  const shownFault = fault ?? (canTry ? preview.error : undefined);
  const { path, message } = placeOf(shownFault);
  const Form = isText ? TextForm : (forms[technique.name] ?? SchemaForm);
  const hasPlace = path !== undefined && (isText || technique.name === 'rule-set' || isShownAt(path, technique.name));
  const faultAt = (place: string) =>
    path !== undefined && (place === path || place === '' || isInside(path, place)) ? message : undefined;

  const save = async (): Promise<boolean> => {
    if (isBusy || !isComplete(technique.name, draft.with)) return false;
    setBusy(true);
    setFault(undefined);
    const name = draft.name.trim() || freeName(technique.title.toLowerCase(), names);
    try {
      const saved = labeler
        ? await api.updateLabeler({
            params: { project: project.id, labeler: labeler.id },
            body: { version: labeler.version, name, with: definition.with, costUsd: draft.costUsd },
          })
        : await api.createLabeler({ params: { project: project.id }, body: { ...definition, name, costUsd: draft.costUsd } });
      labelerDrafts.delete(draftKey);
      await refreshLabelers(project.id);
      showDone(labeler ? `“${name}” is version ${saved.version} now` : `“${name}” is a labeler now: its votes count from the next run on`);
      return true;
    } catch (error) {
      setFault(error);
      return false;
    } finally {
      setBusy(false);
    }
  };
  const saveAndClose = async () => {
    if (await save()) onClose();
  };
  const saveAndRun = async () => {
    if (!(await save())) return;
    await startRun(project.id);
    await navigate({ to: '/projects/$project/runs', params: { project: project.id } });
  };
  useHotkeys(
    [
      ['mod+Enter', () => void saveAndClose()],
      ['mod+S', () => void saveAndClose()],
    ],
    [],
  );

  const discard = () => {
    labelerDrafts.delete(draftKey);
    setDraft(
      draftFor(
        labeler,
        technique.name,
        prefill,
        question.labels.map(({ id }) => id),
      ),
    );
    setFault(undefined);
  };
  const isChanged = labelerDrafts.has(draftKey);

  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="min(1080px, 100vw)"
      title={
        <Text fw={600} size="lg" component="h2" m={0}>
          {labeler ? `Edit ${labeler.name}` : `New labeler: ${technique.title.toLowerCase()}`}
        </Text>
      }
      closeButtonProps={{ 'aria-label': 'Close the editor' }}
      classNames={{ header: classes.header, body: classes.body }}
    >
      <div className={classes.panes}>
        <div>
          <Stack gap="md">
            <Text size="sm" c="dimmed">
              {technique.summary}
            </Text>
            <TextInput
              label="Name"
              placeholder={freeName(technique.title.toLowerCase(), names)}
              value={draft.name}
              data-autofocus={!focusesItself.has(technique.name) || undefined}
              error={names.has(draft.name.trim()) ? 'Another labeler has this name' : undefined}
              onChange={({ currentTarget }) => change({ name: currentTarget.value })}
            />
            {shownFault !== undefined && shownFault !== null && !hasPlace && (
              <FaultAlert error={shownFault} onReload={() => void queries.invalidateQueries()} />
            )}
            {technique.name !== 'rule-set' && (
              <SegmentedControl
                size="xs"
                w={180}
                aria-label="How to edit"
                data={[
                  { value: 'form', label: 'Form' },
                  { value: 'text', label: 'Text' },
                ]}
                value={isText ? 'text' : 'form'}
                onChange={(view) => setText(view === 'text')}
              />
            )}
            <Form technique={technique} value={draft.with} onChange={(options: Options) => change({ with: options })} faultAt={faultAt} />
            <NumberInput
              label="Cost per vote, in dollars"
              w={230}
              min={0}
              step={0.001}
              decimalScale={6}
              value={draft.costUsd}
              onChange={(usd) => change({ costUsd: Number(usd) || 0 })}
            />
            {technique.paper !== null && (
              <Text size="xs" c="dimmed">
                {technique.paper}
              </Text>
            )}
            {labeler && (
              <div>
                <Anchor
                  component="button"
                  type="button"
                  size="sm"
                  aria-expanded={isHistoryOpen}
                  onClick={() => setHistoryOpen(!isHistoryOpen)}
                >
                  Versions
                </Anchor>
                {isHistoryOpen && <LabelerVersions labeler={labeler.id} onUse={(options) => change({ with: options })} />}
              </div>
            )}
          </Stack>
        </div>
        <section className={classes.preview} aria-label="Live preview" tabIndex={0}>
          {canTry && shown ? (
            <LabelerPreview preview={shown} isStale={preview.isPlaceholderData || preview.isError} />
          ) : (
            <Text c="dimmed">{previewHint(project.items, canTry, preview.isError)}</Text>
          )}
        </section>
      </div>
      <div className={classes.foot}>
        <Button size="sm" loading={isBusy} disabled={!isComplete(technique.name, draft.with)} onClick={() => void saveAndClose()}>
          {labeler ? 'Save as a new version' : 'Add'}
        </Button>
        <Button
          size="sm"
          variant="default"
          disabled={isBusy || !isComplete(technique.name, draft.with)}
          onClick={() => void saveAndRun().catch(showFault)}
        >
          {labeler ? 'Save and run' : 'Add and run'}
        </Button>
        {isChanged && (
          <Button size="sm" variant="subtle" color="gray" onClick={discard}>
            Discard changes
          </Button>
        )}
        <Text size="xs" c="dimmed" ml="auto">
          Ctrl Enter saves · Esc keeps what you typed
        </Text>
      </div>
    </Drawer>
  );
}

function previewHint(items: number, canTry: boolean, isError: boolean): string {
  if (items === 0) return 'There are no items yet to try it on.';
  if (isError) return 'It cannot be tried as it stands: see what is said at the left.';
  return canTry ? 'Trying it …' : 'While you type, this shows what it does to your items.';
}

function FaultAlert({ error, onReload }: { error: unknown; onReload: () => void }) {
  const isStale = error instanceof CallError && error.fault.code === 'stale-version';
  return (
    <Alert color="red" role="alert" title={isStale ? 'Somebody else changed this labeler' : undefined}>
      {isStale ? (
        <Group justify="space-between">
          What you typed stays here. Load theirs, look at it under Versions, and save again.
          <Button variant="default" onClick={onReload}>
            Load
          </Button>
        </Group>
      ) : (
        messageOf(error)
      )}
    </Alert>
  );
}

/** At which option the server found fault. */
function placeOf(error: unknown): { path: string | undefined; message: string } {
  if (!(error instanceof CallError)) return { path: undefined, message: error ? messageOf(error) : '' };
  const path = error.fault.details?.path;
  const place = typeof path === 'string' ? path.replace(/^with\./, '') : undefined;
  return { path: place === '' ? undefined : place, message: error.fault.message };
}

/** A fault at `rules.0.then.label` is shown at `rules.0` where that is the smallest field there is. */
function isInside(path: string, place: string): boolean {
  return place !== '' && path.startsWith(`${place}.`);
}

const shownPaths: Readonly<Record<string, RegExp>> = {
  regex: /^(pattern|label|minMatches|else|rules\.\d+\.(pattern|label))(\.|$)/,
  keywords: /^(words|label|minMatches|dictionary\.)/,
  expression: /^(when|label|else|rules\.\d+\.(when|label))(\.|$)/,
  'decision-table': /^(table|csv|else)(\.|$)/,
};

function isShownAt(path: string, technique: string): boolean {
  return shownPaths[technique]?.test(path) ?? !path.includes('.');
}
