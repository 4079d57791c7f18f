import type { Suspect } from '@labelwright/contract/quality';
import { Button, Skeleton, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { LabelChip } from '../design/label-chip.tsx';
import { Later } from '../design/later.tsx';
import { EmptyState, ErrorNotice } from '../design/notices.tsx';
import { count, roundPercent } from '../design/numbers.tsx';
import page from '../design/page.module.css';
import { useRowKeys } from '../design/row-keys.ts';
import { useProject, useQuestion } from '../state/project.ts';
import { sendToReview, useSuspects } from '../state/quality.ts';
import classes from './suspect-list.module.css';

/** Answers of people that the labelers contradict with more than their usual confidence. */
export function SuspectList() {
  const { id: project, archivedAt } = useProject();
  const question = useQuestion();
  const suspects = useSuspects(project, question.id);
  if (suspects.error && !suspects.data) return <ErrorNotice error={suspects.error} retry={() => void suspects.refetch()} />;
  if (!suspects.data) {
    return (
      <Later>
        <Skeleton h={200} aria-label="Loading" />
      </Later>
    );
  }
  const { rows, total, judged } = suspects.data;
  if (rows.length === 0) {
    return (
      <EmptyState title={judged === 0 ? 'No answer has been judged yet' : 'No answer looks wrong'}>
        {judged === 0
          ? 'A run judges what people answered: it asks what the labelers would say without them. Answer a few items, then run.'
          : `${count(judged)} answers of people were compared with what the labelers say without them. None is contradicted with more than their usual confidence.`}
      </EmptyState>
    );
  }
  const left = rows.filter(({ flagged }) => !flagged);
  return (
    <>
      <div className={classes.head}>
        <Text c="dimmed" maw={640}>
          {count(total)} of {count(judged)} answers are probably wrong: the labelers, asked without people, contradict them with more than
          their usual confidence. Sent to review, an item counts as flagged until somebody answers it again.
        </Text>
        {archivedAt === null && left.length > 0 && (
          <Button onClick={() => void sendToReview(project, question.id, left)}>
            Send {left.length === 1 ? 'it' : `all ${count(left.length)}`} to review
          </Button>
        )}
      </div>
      <Rows rows={rows} isOpen={archivedAt === null} />
    </>
  );
}

function Rows({ rows, isOpen }: { rows: readonly Suspect[]; isOpen: boolean }) {
  const { id: project } = useProject();
  const question = useQuestion();
  const walk = useRowKeys<HTMLDivElement>();
  const chips = (labels: readonly string[]) =>
    labels.length === 0 ? 'none applies' : labels.map((label) => <LabelChip key={label} question={question} label={label} />);
  return (
    <div className={page.scroll} ref={walk} role="region" aria-label="Suspects" tabIndex={0}>
      <table className={page.table} aria-label="Suspects">
        <thead>
          <tr>
            <th scope="col">Item</th>
            <th scope="col">People say</th>
            <th scope="col">Labelers say</th>
            <th scope="col">
              <span className="lw-hidden">Review</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.ordinal}>
              <td className={classes.item}>
                <Link to="/projects/$project/explore" params={{ project }} search={{ item: row.ordinal }} className={classes.id} data-row>
                  {row.id}
                </Link>
                <div className={classes.text} dir="auto">
                  {row.text}
                </div>
              </td>
              <td className={classes.said}>
                {chips(row.said)}{' '}
                <Text span size="xs" c="dimmed">
                  {roundPercent(row.peopleProbability)}
                </Text>
                <Text size="xs" c="dimmed">
                  {row.people.join(', ')}
                </Text>
              </td>
              <td className={classes.said}>
                {chips(row.machine)}{' '}
                <Text span size="xs" c="dimmed">
                  {roundPercent(row.machineProbability)}
                </Text>
              </td>
              <td data-number>
                {row.flagged ? (
                  <Text span c="dimmed" size="sm">
                    in review
                  </Text>
                ) : (
                  isOpen && (
                    <Button
                      variant="default"
                      onClick={() => void sendToReview(project, question.id, [row])}
                      aria-label={`Send ${row.id} to review`}
                    >
                      To review
                    </Button>
                  )
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
