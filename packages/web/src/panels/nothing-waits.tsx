import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api, keys } from '../api.ts';
import { EmptyState } from '../design/notices.tsx';
import { count } from '../design/numbers.tsx';
import { useProject } from '../state/project.ts';

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
  return (
    <EmptyState
      title="Nothing waits for you"
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
      {next && to ? next.reason : 'What others give back, or a new run finds uncertain, shows up here by itself.'}
    </EmptyState>
  );
}
