import { Button, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api, keys } from '../api.ts';
import { Moment } from '../design/moment.tsx';
import { ErrorNotice } from '../design/notices.tsx';
import type { Options } from '../state/labeler-draft.ts';
import { useProject } from '../state/project.ts';

/** What a labeler was before; any of it can be taken up again, as a new version. */
export function LabelerVersions({ labeler, onUse }: { labeler: number; onUse: (options: Options) => void }) {
  const { id: project } = useProject();
  const versions = useQuery({
    queryKey: [...keys.labelers(project), labeler, 'versions'],
    queryFn: () => api.listVersions({ params: { project, labeler } }),
  });
  if (versions.error) return <ErrorNotice error={versions.error} retry={() => void versions.refetch()} />;
  return (
    <Stack gap="xs" component="ol" p={0} m={0} style={{ listStyle: 'none' }} aria-label="Versions">
      {versions.data?.map(({ version, with: options, createdAt, person }) => (
        <Group key={version} component="li" justify="space-between" wrap="nowrap">
          <Text size="sm" truncate title={JSON.stringify(options)}>
            v{version} · <Moment time={createdAt} /> · {person} ·{' '}
            <Text span c="dimmed">
              {JSON.stringify(options)}
            </Text>
          </Text>
          <Button variant="default" flex="none" aria-label={`Take version ${version}`} onClick={() => onUse(options)}>
            Take this
          </Button>
        </Group>
      ))}
    </Stack>
  );
}
