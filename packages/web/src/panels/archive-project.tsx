import { Button, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { api, keys, queries } from '../api.ts';
import { Section } from '../design/page.tsx';
import { showFault, showUndo } from '../design/toasts.tsx';
import { useProject } from '../state/project.ts';

/** Out of sight, nothing deleted. */
export function ArchiveProject() {
  const { id, name, archivedAt } = useProject();
  const navigate = useNavigate();
  const call = { params: { project: id } };
  const refresh = () => Promise.all([keys.projects, keys.project(id)].map((queryKey) => queries.invalidateQueries({ queryKey })));
  const restore = () => api.restoreProject(call).then(refresh);
  const archive = async () => {
    await api.archiveProject(call);
    await navigate({ to: '/' });
    void refresh();
    showUndo(`“${name}” is archived`, restore);
  };
  return (
    <Section title={archivedAt === null ? 'Archive' : 'This project is archived'}>
      <Text c="dimmed" mb="md" maw={560}>
        {archivedAt === null
          ? 'Takes the project out of the list and stops all changes to it. Nothing is deleted, and it can be brought back at any time.'
          : 'It can be looked at, but not changed, until it is brought back.'}
      </Text>
      <Button variant="default" onClick={() => void (archivedAt === null ? archive() : restore()).catch(showFault)}>
        {archivedAt === null ? 'Archive this project' : 'Restore this project'}
      </Button>
    </Section>
  );
}
