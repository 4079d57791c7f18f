import type { Labeler } from '@labelwright/contract/labelers';
import type { GuidelineDraft } from '@labelwright/contract/llm';
import { Button, CopyButton, Group, Text } from '@mantine/core';
import { api } from '../api.ts';
import { count, smallDollars } from '../design/numbers.tsx';
import { Prose } from '../design/prose.tsx';
import { useProject } from '../state/project.ts';
import { PaidRequest } from './paid-request.tsx';

/** Definitions and edge cases, drafted from what people answered differently; the owner decides what of it becomes a guideline. */
export function GuidelineDrafter({ labeler }: { labeler: Labeler }) {
  const { id: project } = useProject();
  return (
    <PaidRequest
      about="The model reads items that people answered differently and drafts definitions and rules for cases like these. Nothing is changed: copy what you agree with into the guidelines, in Settings."
      button="Draft guidelines"
      ask={(budgetUsd) => api.draftGuidelines({ params: { project, labeler: labeler.id }, body: { budgetUsd } })}
    >
      {(draft) => <Draft draft={draft} />}
    </PaidRequest>
  );
}

function Draft({ draft }: { draft: GuidelineDraft }) {
  const markdown = markdownOf(draft);
  return (
    <>
      <Text fw={600} mb="sm">
        From {count(draft.disputed)} disputed {draft.disputed === 1 ? 'item' : 'items'}, for {smallDollars(draft.usd)}
      </Text>
      {markdown === '' ? <Text c="dimmed">The model had nothing to propose that fits the question.</Text> : <Prose>{markdown}</Prose>}
      <Group mt="md">
        {markdown !== '' && (
          <CopyButton value={markdown}>
            {({ copied, copy }) => (
              <Button variant="default" onClick={copy}>
                {copied ? 'Copied' : 'Copy as Markdown'}
              </Button>
            )}
          </CopyButton>
        )}
        {draft.leftOut > 0 && (
          <Text size="sm" c="dimmed">
            {count(draft.leftOut)} left out: they did not fit the question, or repeated an item
          </Text>
        )}
      </Group>
    </>
  );
}

function markdownOf({ definitions, edgeCases, openQuestions }: GuidelineDraft): string {
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [`## ${title}\n\n${lines.map((line) => `- ${line}`).join('\n')}`];
  return [
    ...section(
      'Definitions',
      definitions.map(({ label, definition }) => `**${label}**: ${definition}`),
    ),
    ...section(
      'Edge cases',
      edgeCases.map(({ rule, label, why }) => `${rule} → **${label}** (${why})`),
    ),
    ...section('To be settled', openQuestions),
  ].join('\n\n');
}
