import type { Labeler } from '@labelwright/contract/labelers';
import type { PromptProposal } from '@labelwright/contract/llm';
import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import { api } from '../api.ts';
import { count, Estimate, smallDollars } from '../design/numbers.tsx';
import { Section } from '../design/page.tsx';
import { showDone, showFault } from '../design/toasts.tsx';
import { takeTemplate } from '../state/askings.ts';
import { promptOptions } from '../state/prompt-options.ts';
import { useMay, useProject } from '../state/project.ts';
import { wordDiff } from '../state/word-diff.ts';
import { Figure, Figures } from './figures.tsx';
import { PaidRequest } from './paid-request.tsx';
import classes from './prompt.module.css';

/** A better prompt from what it mixes up, offered only where it is better on items that it was not made from. */
export function PromptImprover({ labeler, onTaken }: { labeler: Labeler; onTaken: () => void }) {
  const { id: project } = useProject();
  return (
    <PaidRequest
      about="The model looks at what it mixes up and proposes other words. They are tested on judged items that the proposal was not made from, and offered only if they are better there."
      button="Propose a better prompt"
      ask={(budgetUsd) => api.improvePrompt({ params: { project, labeler: labeler.id }, body: { budgetUsd } })}
    >
      {(proposal) => (
        <>
          <Proposal proposal={proposal} before={promptOptions(labeler.with).template} />
          {proposal.better && <Take labeler={labeler} template={proposal.template} onTaken={onTaken} />}
        </>
      )}
    </PaidRequest>
  );
}

function Take({ labeler, template, onTaken }: { labeler: Labeler; template: string; onTaken: () => void }) {
  const { id: project } = useProject();
  const mayChange = useMay('manager');
  const [isBusy, setBusy] = useState(false);
  const take = async () => {
    setBusy(true);
    try {
      const saved = await takeTemplate(project, labeler, template);
      showDone(`“${saved.name}” is version ${saved.version} now: ask it anew to have its votes`);
      onTaken();
    } catch (error) {
      showFault(error);
    } finally {
      setBusy(false);
    }
  };
  if (!mayChange) return null;
  return (
    <Button mt="md" loading={isBusy} onClick={() => void take()}>
      Take it as version {labeler.version + 1}
    </Button>
  );
}

function Proposal({ proposal: { changes, heldOut, better, usd, template }, before }: { proposal: PromptProposal; before: string }) {
  return (
    <>
      <Text fw={600}>
        {better
          ? 'Better on items that it was not made from'
          : 'No better on items that it was not made from: it is not offered, the present prompt stays'}
      </Text>
      <Figures>
        <Figure name="Right before">
          <Estimate value={heldOut.before} of="Right answers with the present prompt" />
        </Figure>
        <Figure name="Right after">
          <Estimate value={heldOut.after} of="Right answers with the proposed prompt" />
        </Figure>
        <Figure name="Only before · only after">
          {count(heldOut.onlyBefore)} · {count(heldOut.onlyAfter)}
        </Figure>
        <Figure name="Cost of finding out">{smallDollars(usd)}</Figure>
      </Figures>
      <Section title="What was changed, in the words of the model">
        <Text style={{ overflowWrap: 'anywhere' }}>{changes}</Text>
      </Section>
      <Section title="The prompt" note="struck out: as it was">
        <div className={classes.diff} role="region" aria-label="Changes of the prompt" tabIndex={0}>
          {wordDiff(before, template).map(({ kind, text }, index) => {
            // oxlint-disable react/no-array-index-key -- pieces of one text have no other name
            if (kind === 'added') return <ins key={index}>{text}</ins>;
            return kind === 'removed' ? <del key={index}>{text}</del> : <span key={index}>{text}</span>;
            // oxlint-enable react/no-array-index-key
          })}
        </div>
      </Section>
    </>
  );
}
