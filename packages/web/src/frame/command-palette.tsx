import type { Project } from '@labelwright/contract/projects';
import { Spotlight, type SpotlightActionData } from '@mantine/spotlight';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api, keys } from '../api.ts';

const places = ['overview', 'label', 'labelers', 'explore', 'quality', 'runs', 'export', 'import', 'settings'] as const;

/** Everything is a keystroke away: Ctrl/⌘ K, then go, run, add. */
export function CommandPalette({ project }: { project?: Project }) {
  const navigate = useNavigate();
  const projects = useQuery({ queryKey: keys.projects, queryFn: () => api.listProjects({}) });
  const actions: SpotlightActionData[] = [
    ...(project ? projectActions(project, (to) => void navigate({ to })) : []),
    ...(projects.data ?? [])
      .filter(({ id }) => id !== project?.id)
      .map(({ id, name }) => ({
        id: `project-${id}`,
        label: name,
        description: 'Open the project',
        onClick: () => void navigate({ to: `/projects/${id}/overview` }),
      })),
    { id: 'new', label: 'New project', onClick: () => void navigate({ to: '/new' }) },
    { id: 'home', label: 'All projects', onClick: () => void navigate({ to: '/' }) },
  ];
  return (
    <Spotlight
      actions={actions}
      shortcut={['mod + K']}
      nothingFound="Nothing of that name"
      highlightQuery
      searchProps={{ placeholder: 'Go to …, run, add a rule', 'aria-label': 'Command' }}
      limit={12}
    />
  );
}

function projectActions(project: Project, go: (to: string) => void): SpotlightActionData[] {
  return [
    ...places.map((place) => ({
      id: place,
      label: `${place[0].toUpperCase()}${place.slice(1)}`,
      description: `Go to ${place}`,
      onClick: () => go(`/projects/${project.id}/${place}`),
    })),
    {
      id: 'run',
      label: 'Run all labelers',
      description: 'Starts a run',
      onClick: () => void api.startRun({ params: { project: project.id }, body: {} }).then(() => go(`/projects/${project.id}/runs`)),
    },
    { id: 'rule', label: 'Add a rule', onClick: () => go(`/projects/${project.id}/labelers?add=regex`) },
  ];
}
