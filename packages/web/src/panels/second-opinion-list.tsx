import type { Labeler } from '@labelwright/contract/labelers';
import type { SecondOpinions } from '@labelwright/contract/llm';
import { Button, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../api.ts';
import { LabelChip } from '../design/label-chip.tsx';
import { count, smallDollars } from '../design/numbers.tsx';
import page from '../design/page.module.css';
import { useProject, useQuestion } from '../state/project.ts';
import { sendToReview } from '../state/quality.ts';
import { PaidRequest } from './paid-request.tsx';
import suspects from './suspect-list.module.css';

/** What a language model thinks of people's answers: a list for review, nothing is changed by it. */
export function SecondOpinionList({ labeler }: { labeler: Labeler }) {
  const { id: project } = useProject();
  return (
    <PaidRequest
      about="The model reads answers that people gave and says which it would doubt. Nothing is changed: what you send to review counts as flagged until somebody answers it again."
      button="Ask about 40 answers"
      ask={(budgetUsd) => api.secondOpinions({ params: { project, labeler: labeler.id }, body: { items: 40, budgetUsd } })}
    >
      {(found) => <Doubts found={found} />}
    </PaidRequest>
  );
}

function Doubts({ found: { looked, doubts, failed, stopped, usd } }: { found: SecondOpinions }) {
  const { id: project } = useProject();
  const question = useQuestion();
  const [sent, setSent] = useState<ReadonlySet<number>>(new Set());
  const chips = (labels: readonly string[]) =>
    labels.length === 0 ? 'none applies' : labels.map((label) => <LabelChip key={label} question={question} label={label} />);
  const send = (row: SecondOpinions['doubts'][number]) => {
    void sendToReview(project, question.id, [row], 'a language model would answer otherwise', (isInReview) =>
      setSent((before) => (isInReview ? new Set([...before, row.ordinal]) : new Set([...before].filter((one) => one !== row.ordinal)))),
    );
  };
  return (
    <>
      <Text fw={600} mb="sm">
        {doubts.length === 0 ? 'It doubts none' : `It doubts ${count(doubts.length)}`} of {count(looked)} answers, for {smallDollars(usd)}
      </Text>
      {stopped !== null && <Text c="dimmed">Not all were looked at: {stopped}</Text>}
      {failed.length > 0 && (
        <Text c="dimmed">
          {count(failed.length)} got no usable reply: {failed[0].reason}
        </Text>
      )}
      {doubts.length > 0 && (
        <div className={page.scroll} role="region" aria-label="Doubts" tabIndex={0}>
          <table className={page.table} aria-label="Doubts">
            <thead>
              <tr>
                <th scope="col">Item</th>
                <th scope="col">People say</th>
                <th scope="col">The model says</th>
                <th scope="col">
                  <span className="lw-hidden">Review</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {doubts.map((row) => (
                <tr key={row.ordinal}>
                  <td className={suspects.item}>
                    <Link to="/projects/$project/explore" params={{ project }} search={{ item: row.ordinal }} className={suspects.id}>
                      {row.id}
                    </Link>
                    <div dir="auto">{row.reason}</div>
                  </td>
                  <td className={suspects.said}>{chips(row.given)}</td>
                  <td className={suspects.said}>{chips(row.proposed)}</td>
                  <td data-number>
                    <Button
                      variant="default"
                      disabled={sent.has(row.ordinal)}
                      onClick={() => send(row)}
                      aria-label={`Send ${row.id} to review`}
                    >
                      {sent.has(row.ordinal) ? 'In review' : 'To review'}
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
