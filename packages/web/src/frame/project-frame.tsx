import { Box, Center, Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Outlet, useParams } from '@tanstack/react-router';
import { api, keys } from '../api.ts';
import { ErrorNotice } from '../design/notices.tsx';
import { ProjectContext } from '../state/project.ts';
import { useProjectEvents } from '../state/project-events.ts';
import { TopBar } from './top-bar.tsx';

export function ProjectFrame() {
  const { project: id } = useParams({ from: '/projects/$project' });
  const project = useQuery({ queryKey: keys.project(id), queryFn: () => api.getProject({ params: { project: id } }) });
  useProjectEvents(id);
  if (project.error) return <ErrorNotice error={project.error} retry={() => void project.refetch()} />;
  if (!project.data) {
    return (
      <Center h="100vh">
        <Loader aria-label="Loading" />
      </Center>
    );
  }
  return (
    <ProjectContext.Provider value={project.data}>
      <TopBar project={project.data} />
      <Box component="main" id="main">
        <Outlet />
      </Box>
    </ProjectContext.Provider>
  );
}
