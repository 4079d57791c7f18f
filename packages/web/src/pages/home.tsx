import type { Api } from '@labelwright/contract/api';
import type { ReplyOf } from '@labelwright/contract/route';
import { ActionIcon, Box, Button, Group, Menu, Skeleton, Stack, Text } from '@mantine/core';
import { IconDots, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, keys, queries } from '../api.ts';
import { Later } from '../design/later.tsx';
import { EmptyState, ErrorNotice } from '../design/notices.tsx';
import { count, percent } from '../design/numbers.tsx';
import { Page } from '../design/page.tsx';
import page from '../design/page.module.css';
import { showDone, showFault, showUndo } from '../design/toasts.tsx';
import { TopBar } from '../frame/top-bar.tsx';
import { FunnelBar } from '../panels/funnel-bar.tsx';
import { openSample } from '../state/open-sample.ts';
import classes from './home.module.css';

type Row = ReplyOf<Api['listProjects']>[number];

const route = getRouteApi('/');

export function HomePage() {
  const { archived = false } = route.useSearch();
  const projects = useQuery({
    queryKey: archived ? [...keys.projects, 'archived'] : keys.projects,
    queryFn: () => api.listProjects(archived ? { query: { archived: 'true' } } : {}),
  });
  const shown = projects.data?.filter(({ archivedAt }) => (archivedAt !== null) === archived);
  return (
    <>
      <TopBar />
      <main id="main">
        <Page
          title={archived ? 'Archived projects' : 'Projects'}
          actions={<Actions archived={archived} isEmpty={shown?.length === 0 && !archived} />}
        >
          {projects.error && <ErrorNotice error={projects.error} retry={() => void projects.refetch()} />}
          {projects.isPending && <Loading />}
          {shown?.length === 0 && (archived ? <Text c="dimmed">Nothing is archived.</Text> : <FirstProject />)}
          {shown && shown.length > 0 && <ProjectTable rows={shown} />}
        </Page>
      </main>
    </>
  );
}

function Actions({ archived, isEmpty }: { archived: boolean; isEmpty: boolean }) {
  return (
    <>
      <Button variant="subtle" color="gray" renderRoot={(props) => <Link to="/" search={archived ? {} : { archived: true }} {...props} />}>
        {archived ? 'Back to projects' : 'Archived'}
      </Button>
      {!isEmpty && <SampleButton />}
      {!isEmpty && <NewProjectButton />}
    </>
  );
}

function NewProjectButton() {
  return (
    <Button leftSection={<IconPlus size={14} aria-hidden />} renderRoot={(props) => <Link to="/new" {...props} />}>
      New project
    </Button>
  );
}

function SampleButton() {
  const navigate = useNavigate();
  const [isBusy, setBusy] = useState(false);
  const open = async () => {
    setBusy(true);
    try {
      await navigate({ to: '/projects/$project/overview', params: { project: await openSample() } });
    } catch (error) {
      showFault(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button variant="default" loading={isBusy} onClick={() => void open()}>
      Open the sample
    </Button>
  );
}

function FirstProject() {
  return (
    <EmptyState
      title="Label a thousand items by labeling fifty"
      action={
        <Group>
          <SampleButton />
          <NewProjectButton />
        </Group>
      }
    >
      Drop in a file, write a rule or two such as <code>win|prize|free → spam</code>, and look only at what the rules do not agree on. The
      sample shows it on a few dozen mails.
    </EmptyState>
  );
}

function ProjectTable({ rows }: { rows: readonly Row[] }) {
  return (
    <div className={page.scroll}>
      <table className={page.table} aria-label="Projects">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col" data-number>
              Items
            </th>
            <th scope="col" className={classes.progress}>
              Accepted
            </th>
            <th scope="col" data-number className={classes.wide}>
              Waiting for people
            </th>
            <th scope="col" className={classes.wide}>
              Your role
            </th>
            <th scope="col" className={classes.wide}>
              Created
            </th>
            <th scope="col">
              <span className="lw-hidden">More</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <ProjectRow key={row.id} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ProjectRow({ row }: { row: Row }) {
  const { id, name, items, accepted, waiting, role, createdAt } = row;
  return (
    <tr>
      <td className={classes.name}>
        <Link to="/projects/$project/overview" params={{ project: id }} className={classes.link}>
          {name}
        </Link>
        <Text size="xs" c="dimmed" lineClamp={1}>
          {row.schema.questions[0].labels.map(({ id: label, title }) => title ?? label).join(' · ')}
        </Text>
      </td>
      <td data-number>{count(items)}</td>
      <td className={classes.progress}>
        {items === 0 ? (
          <Text size="xs" c="dimmed">
            no items yet
          </Text>
        ) : (
          <Group gap="sm" wrap="nowrap">
            <Box flex={1}>
              <FunnelBar items={items} accepted={accepted} waiting={waiting} />
            </Box>
            <Text size="xs" c="dimmed" w={52} ta="right">
              {percent(accepted / items)}
            </Text>
          </Group>
        )}
      </td>
      <td data-number className={classes.wide}>
        {count(waiting)}
      </td>
      <td className={classes.wide}>{role}</td>
      <td className={classes.wide}>
        <time dateTime={createdAt}>{new Date(createdAt).toLocaleDateString('en', { dateStyle: 'medium' })}</time>
      </td>
      <td data-number>{role === 'owner' && <ProjectMenu row={row} />}</td>
    </tr>
  );
}

function ProjectMenu({ row: { id, name, archivedAt } }: { row: Row }) {
  const call = { params: { project: id } };
  const restore = () => api.restoreProject(call).then(() => queries.invalidateQueries({ queryKey: keys.projects }));
  const archive = async () => {
    // Gone at once; back again if the server does not take it.
    queries.setQueryData<Row[]>(keys.projects, (rows) => rows?.filter((each) => each.id !== id));
    await api.archiveProject(call).finally(() => void queries.invalidateQueries({ queryKey: keys.projects }));
    showUndo(`“${name}” is archived`, restore);
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`More about ${name}`}>
          <IconDots size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {archivedAt === null ? (
          <Menu.Item onClick={() => void archive().catch(showFault)}>Archive</Menu.Item>
        ) : (
          <Menu.Item onClick={() => void restore().then(() => showDone(`“${name}” is back`), showFault)}>Restore</Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function Loading() {
  return (
    <Later>
      <Stack gap="sm" aria-label="Loading">
        {[1, 2, 3].map((row) => (
          <Skeleton key={row} h={44} />
        ))}
      </Stack>
    </Later>
  );
}
