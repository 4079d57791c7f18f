import type { Project } from '@labelwright/contract/projects';
import { ActionIcon, Group, Kbd, Text, Tooltip, UnstyledButton, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { spotlight } from '@mantine/spotlight';
import { IconMoon, IconSearch, IconSun } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, keys } from '../api.ts';
import { useSession } from '../state/session.ts';
import { CommandPalette } from './command-palette.tsx';
import { SaveState } from './save-state.tsx';
import classes from './top-bar.module.css';

const pages = [
  { to: '/projects/$project/overview', name: 'Overview' },
  { to: '/projects/$project/label', name: 'Label' },
  { to: '/projects/$project/labelers', name: 'Labelers' },
  { to: '/projects/$project/explore', name: 'Explore' },
  { to: '/projects/$project/quality', name: 'Quality' },
  { to: '/projects/$project/runs', name: 'Runs' },
  { to: '/projects/$project/export', name: 'Export' },
] as const;

/** The frame of every page: where you are, where you can go, whether your work is saved. */
export function TopBar({ project }: { project?: Project }) {
  return (
    <header className={classes.bar}>
      <a href="#main" className={classes.skip}>
        Skip to the content
      </a>
      <Group h={44} px="lg" gap="sm" wrap="nowrap">
        <Link to="/" className={classes.brand}>
          Labelwright
        </Link>
        {project && (
          <Text span c="dimmed" truncate>
            ▸{' '}
            <Text span c="var(--mantine-color-text)" fw={500}>
              {project.name}
            </Text>
          </Text>
        )}
        <Group gap="sm" ml="auto" wrap="nowrap">
          <UnstyledButton className={classes.search} onClick={() => spotlight.open()} aria-label="Open the command palette">
            <IconSearch size={14} aria-hidden /> <Kbd size="xs">Ctrl K</Kbd>
          </UnstyledButton>
          <ThemeSwitch />
          <SaveState />
          <PersonName />
        </Group>
      </Group>
      {project && <Tabs project={project} />}
      <CommandPalette {...(project && { project })} />
    </header>
  );
}

function Tabs({ project }: { project: Project }) {
  const overview = useQuery({
    queryKey: keys.overview(project.id),
    queryFn: () => api.getOverview({ params: { project: project.id } }),
    enabled: project.items > 0,
  });
  const params = { project: project.id };
  return (
    <nav className={classes.tabs} aria-label="Pages of the project">
      {pages.map(({ to, name }) => (
        <Link
          key={to}
          to={to}
          params={params}
          search={{}}
          className={classes.tab}
          activeProps={{ 'data-active': true, 'aria-current': 'page' }}
        >
          {name}
          {name === 'Label' && overview.data && overview.data.waiting > 0 && (
            <span className={classes.count}>{overview.data.waiting.toLocaleString('en')}</span>
          )}
        </Link>
      ))}
      <Link
        to="/projects/$project/settings"
        params={params}
        className={classes.tab}
        activeProps={{ 'data-active': true, 'aria-current': 'page' }}
        data-last
      >
        Settings
      </Link>
    </nav>
  );
}

function ThemeSwitch() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const next = scheme === 'light' ? 'dark' : 'light';
  return (
    <Tooltip label={`Switch to ${next}`}>
      <ActionIcon variant="subtle" color="gray" onClick={() => setColorScheme(next)} aria-label={`Switch to ${next}`}>
        {scheme === 'light' ? <IconMoon size={16} aria-hidden /> : <IconSun size={16} aria-hidden />}
      </ActionIcon>
    </Tooltip>
  );
}

function PersonName() {
  const { person } = useSession();
  if (!person) return null;
  return (
    <Link to="/people" className={classes.person}>
      {person.name}
    </Link>
  );
}
