import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Fragment } from 'react';
import { api, keys } from '../api.ts';
import { EmptyState } from '../design/notices.tsx';
import { count } from '../design/numbers.tsx';
import type { Question } from '../state/label-tree.ts';
import { useProject, useQuestion } from '../state/project.ts';

const places = {
  import: 'import',
  'add-labelers': 'labelers',
  run: 'runs',
  'review-flagged': 'explore',
  audit: 'quality',
  'continue-audit': 'label',
  export: 'export',
} as const;

/** Everything that this person could label is labeled: what is the next best thing to do? */
export function NothingWaits({ done, lookAgain }: { done: number; lookAgain: () => void }) {
  const { id: project } = useProject();
  const navigate = useNavigate();
  const overview = useQuery({ queryKey: keys.overview(project), queryFn: () => api.getOverview({ params: { project } }) });
  const next = overview.data?.next;
  const to = next && next.action !== 'label' ? places[next.action] : undefined;
  const { schema } = useProject();
  const asked = useQuestion();
  const others = schema.questions.filter(({ id }) => id !== asked.id);
  return (
    <EmptyState
      title={others.length === 0 ? 'Nothing waits for you' : 'Nothing waits for you in this question'}
      action={
        next && to ? (
          <Button
            onClick={() =>
              void navigate({
                to: `/projects/$project/${to}`,
                params: { project },
                search:
                  next.action === 'review-flagged'
                    ? { filter: JSON.stringify({ flagged: true }) }
                    : next.action === 'continue-audit'
                      ? { audit: overview.data?.audit?.id }
                      : {},
              })
            }
          >
            {next.title}
          </Button>
        ) : (
          <Button variant="default" onClick={lookAgain}>
            Look again
          </Button>
        )
      }
    >
      {done > 0 && `${count(done)} done in this session. `}
      {others.length > 0 && <OtherQueues questions={others} />}
      {next && to ? next.reason : 'What others give back, or a new run finds uncertain, shows up here by itself.'}
    </EmptyState>
  );
}

/** Each question has a queue of its own: what is sure in one may be open in another. */
function OtherQueues({ questions }: { questions: readonly Question[] }) {
  const { id: project } = useProject();
  return (
    <>
      Go on with{' '}
      {questions.map(({ id, title }, at) => (
        <Fragment key={id}>
          {at > 0 && ' or '}
          <Link to="/projects/$project/label" params={{ project }} search={{ question: id }}>
            {title}
          </Link>
        </Fragment>
      ))}
      .{' '}
    </>
  );
}
