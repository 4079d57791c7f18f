import { Tabs, Text } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Page } from '../design/page.tsx';
import { ArchiveProject } from '../panels/archive-project.tsx';
import { ConnectionsSettings } from '../panels/connections-settings.tsx';
import { GuidelinesSettings } from '../panels/guidelines-settings.tsx';
import { MembersSettings } from '../panels/members-settings.tsx';
import { ProjectSettings } from '../panels/project-settings.tsx';
import { SchemaSettings } from '../panels/schema-settings.tsx';
import { SpendingSettings } from '../panels/spending-settings.tsx';
import { useMay, useProject } from '../state/project.ts';
import classes from './settings.module.css';

const tabs = [
  { value: 'schema', title: 'Schema', show: () => <SchemaSettings /> },
  { value: 'guidelines', title: 'Guidelines', show: () => <GuidelinesSettings /> },
  { value: 'settings', title: 'Settings', show: () => <ProjectSettings /> },
  { value: 'members', title: 'Members', show: () => <MembersSettings /> },
  { value: 'connections', title: 'Connections', show: () => <ConnectionsSettings /> },
  { value: 'spending', title: 'Spending', show: () => <SpendingSettings /> },
] as const;

const route = getRouteApi('/projects/$project/settings');

/** What is asked, how it is asked, of whom. The tab is in the URL; what is not saved waits in its tab. */
export function SettingsPage() {
  const { tab = 'schema' } = route.useSearch();
  const navigate = route.useNavigate();
  const isOwner = useMay('owner');
  const go = (value: string | null) => void navigate({ search: { tab: tabs.find((each) => each.value === value)?.value } });
  return (
    <Page title="Project settings">
      <Tabs value={tab} onChange={go} keepMounted={false}>
        <Tabs.List aria-label="Settings" className={classes.tabs ?? ''}>
          {tabs.map(({ value, title }) => (
            <Tabs.Tab key={value} value={value}>
              {title}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {tabs.map(({ value, show }) => (
          <Tabs.Panel key={value} value={value} className={classes.panel ?? ''}>
            <ForManagers>{show()}</ForManagers>
            {value === 'settings' && isOwner && <ArchiveProject />}
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  );
}

/** Others may read it; the server would refuse what they change. */
function ForManagers({ children }: { children: ReactNode }) {
  const isManager = useMay('manager');
  const { archivedAt, role } = useProject();
  if (isManager && archivedAt === null) return children;
  return (
    <fieldset disabled className={classes.plain} aria-label="Read only">
      <Text c="dimmed" mb="lg">
        {archivedAt === null
          ? `You can read this. Only managers can change it; you are ${role} here.`
          : 'The project is archived: it cannot be changed.'}
      </Text>
      {children}
    </fieldset>
  );
}
