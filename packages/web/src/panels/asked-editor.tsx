import { CallError } from '@labelwright/contract/client';
import type { Labeler } from '@labelwright/contract/labelers';
import { templateFault } from '@labelwright/core/labelers/llm-template';
import { Alert, Anchor, Button, Drawer, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue, useHotkeys } from '@mantine/hooks';
import { useState } from 'react';
import { api, messageOf } from '../api.ts';
import { Later } from '../design/later.tsx';
import { ErrorNotice } from '../design/notices.tsx';
import { showDone } from '../design/toasts.tsx';
import { useConnections } from '../state/connections.ts';
import { type LabelerDraft, labelerDrafts } from '../state/labeler-draft.ts';
import { freeName, refreshLabelers } from '../state/labelers.ts';
import { canAsk, promptOptions, withPrompt } from '../state/prompt-options.ts';
import { useProject, useQuestion } from '../state/project.ts';
import { AskingCost, useAskingCost } from './asking-cost.tsx';
import { ConnectionForm } from './connection-form.tsx';
import { LabelerVersions } from './labeler-versions.tsx';
import { PromptForm } from './prompt-form.tsx';
import { PromptPreview } from './prompt-preview.tsx';
import classes from './labeler-editor.module.css';

const previewDelayMs = 400;

interface AskedEditorProps {
  readonly technique: { readonly name: string; readonly title: string; readonly summary: string };
  /** Absent for a new one. */
  readonly labeler: Labeler | undefined;
  readonly names: ReadonlySet<string>;
  readonly onClose: () => void;
  /** To where it is asked. */
  readonly onAsk: (labeler: number) => void;
}

/** A language model at the side: left what it is asked, right how that looks for real items, and what it will cost. */
export function AskedEditor({ technique, labeler, names, onClose, onAsk }: AskedEditorProps) {
  const project = useProject();
  const question = useQuestion();
  const connections = useConnections(project.id);
  const draftKey = `${project.id} ${labeler?.id ?? `${technique.name} ${question.id}`}`;
  const stored: LabelerDraft = labeler ? { name: labeler.name, with: labeler.with, costUsd: 0 } : { name: '', with: {}, costUsd: 0 };
  const [draft, setDraft] = useState<LabelerDraft>(() => labelerDrafts.get(draftKey) ?? stored);
  const [isHistoryOpen, setHistoryOpen] = useState(false);
  const [fault, setFault] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const change = (to: Partial<LabelerDraft>) => {
    const next = { ...draft, ...to };
    setDraft(next);
    labelerDrafts.set(draftKey, next);
  };
  // With one connection there is nothing to choose.
  const only = connections.data?.length === 1 ? connections.data[0].name : undefined;
  const options =
    only !== undefined && promptOptions(draft.with).connection === '' ? withPrompt(draft.with, { connection: only }) : draft.with;
  const [tried] = useDebouncedValue(options, previewDelayMs);
  const cost = useAskingCost(tried, labeler);
  const canSave = canAsk(options) && templateFault(promptOptions(options).template) === undefined && !names.has(draft.name.trim());
  const canShow = project.items > 0 && canAsk(tried) && templateFault(promptOptions(tried).template) === undefined;

  const save = async (): Promise<Labeler | undefined> => {
    if (isBusy || !canSave) return undefined;
    setBusy(true);
    setFault(undefined);
    const name = draft.name.trim() || freeName(promptOptions(options).model, names);
    const chosen = options as Labeler['with'];
    try {
      const saved = labeler
        ? await api.updateLabeler({
            params: { project: project.id, labeler: labeler.id },
            body: { version: labeler.version, name, with: chosen },
          })
        : await api.createLabeler({
            params: { project: project.id },
            body: { use: technique.name, with: chosen, question: question.id, name },
          });
      labelerDrafts.delete(draftKey);
      await refreshLabelers(project.id);
      return saved;
    } catch (error) {
      setFault(error);
      return undefined;
    } finally {
      setBusy(false);
    }
  };
  const saveAndClose = async () => {
    const saved = await save();
    if (!saved) return;
    showDone(`“${saved.name}” is saved: nothing is asked until you say so`);
    onClose();
  };
  const saveAndAsk = async () => {
    const saved = await save();
    if (saved) onAsk(saved.id);
  };
  useHotkeys(
    [
      ['mod+Enter', () => void saveAndAsk()],
      ['mod+S', () => void saveAndClose()],
    ],
    [],
  );

  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="min(1080px, 100vw)"
      title={
        <Text fw={600} size="lg" component="h2" m={0}>
          {labeler ? `Edit ${labeler.name}` : 'New labeler: language model'}
        </Text>
      }
      closeButtonProps={{ 'aria-label': 'Close the editor' }}
      classNames={{ header: classes.header, body: classes.body }}
    >
      {connections.error && <ErrorNotice error={connections.error} retry={() => void connections.refetch()} />}
      {connections.isPending && <Later>Loading …</Later>}
      {connections.data?.length === 0 && (
        <Stack gap="md" maw={620} pb="xl">
          <Text>
            First say where the model is reached. Then you write what it is asked, see the exact words and the price, and decide whether to
            ask.
          </Text>
          <ConnectionForm
            names={new Set()}
            onSaved={({ name }) => {
              change({ with: withPrompt(draft.with, { connection: name }) });
              showDone(`“${name}” is connected`);
            }}
          />
        </Stack>
      )}
      {connections.data && connections.data.length > 0 && (
        <>
          <div className={classes.panes}>
            <Stack gap="md">
              <TextInput
                label="Name"
                placeholder={freeName(promptOptions(options).model || 'language model', names)}
                value={draft.name}
                error={names.has(draft.name.trim()) ? 'Another labeler has this name' : undefined}
                onChange={({ currentTarget }) => change({ name: currentTarget.value })}
              />
              {fault !== undefined && (
                <Alert color="red" role="alert">
                  {fault instanceof CallError && fault.fault.code === 'stale-version'
                    ? 'Somebody else changed this labeler. What you typed stays here: close, open it again, and save.'
                    : messageOf(fault)}
                </Alert>
              )}
              <PromptForm connections={connections.data} value={options} onChange={(to) => change({ with: to })} />
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
                  {isHistoryOpen && <LabelerVersions labeler={labeler.id} onUse={(to) => change({ with: to })} />}
                </div>
              )}
            </Stack>
            <section className={classes.preview} aria-label="Live preview" tabIndex={0}>
              {canShow ? (
                <Stack gap="md">
                  <AskingCost cost={cost} />
                  <PromptPreview options={tried} />
                </Stack>
              ) : (
                <Text c="dimmed">{hint(project.items, canAsk(tried))}</Text>
              )}
            </section>
          </div>
          <div className={classes.foot}>
            <Button size="sm" loading={isBusy} disabled={!canSave} onClick={() => void saveAndAsk()}>
              {labeler ? 'Save, then ask' : 'Add, then ask'}
            </Button>
            <Button size="sm" variant="default" disabled={isBusy || !canSave} onClick={() => void saveAndClose()}>
              {labeler ? 'Save as a new version' : 'Add'}
            </Button>
            {labelerDrafts.has(draftKey) && (
              <Button
                size="sm"
                variant="subtle"
                color="gray"
                onClick={() => {
                  labelerDrafts.delete(draftKey);
                  setDraft(stored);
                }}
              >
                Discard changes
              </Button>
            )}
            <Text size="xs" c="dimmed" ml="auto">
              The price is shown once more before anything is asked
            </Text>
          </div>
        </>
      )}
    </Drawer>
  );
}

function hint(items: number, isComplete: boolean): string {
  if (items === 0) return 'There are no items yet: once there are, this shows exactly what the model would be sent.';
  if (!isComplete) return 'Choose a connection and a model: then this shows exactly what is sent for three of your items, and the price.';
  return 'The prompt cannot be sent as it stands: see what is said at the left.';
}
