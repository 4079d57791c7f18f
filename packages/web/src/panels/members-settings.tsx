import type { Api } from '@labelwright/contract/api';
import { type Role, roles } from '@labelwright/contract/common';
import type { ReplyOf } from '@labelwright/contract/route';
import { Button, Group, Select, Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, keys, queries } from '../api.ts';
import { Later } from '../design/later.tsx';
import { ErrorNotice } from '../design/notices.tsx';
import page from '../design/page.module.css';
import { showFault, showUndo } from '../design/toasts.tsx';
import { useMay, useProject } from '../state/project.ts';
import { useSession } from '../state/session.ts';

type Member = ReplyOf<Api['listMembers']>[number];

const may: Readonly<Record<Role, string>> = {
  owner: 'everything, also archive and say who owns',
  manager: 'import, rules, runs, settings, members',
  reviewer: 'explore, bulk labels, exports',
  annotator: 'label',
  viewer: 'look at figures',
};

/** Who may do what. A change holds at once; the message offers the way back. */
export function MembersSettings() {
  const { id: project } = useProject();
  const members = useQuery({ queryKey: keys.members(project), queryFn: () => api.listMembers({ params: { project } }) });
  if (members.error) return <ErrorNotice error={members.error} retry={() => void members.refetch()} />;
  if (!members.data) {
    return (
      <Later>
        <Skeleton h={120} aria-label="Loading" />
      </Later>
    );
  }
  return (
    <>
      <MemberTable members={members.data} />
      <AddMember members={members.data} />
    </>
  );
}

async function setRole(
  project: number,
  { person, name, role: before }: Member | (Omit<Member, 'role'> & { role: null }),
  role: Role | null,
) {
  const put = (to: Role | null) =>
    api
      .setMember({ params: { project, person }, body: { role: to } })
      .finally(() => void queries.invalidateQueries({ queryKey: keys.members(project) }));
  try {
    queries.setQueryData<Member[]>(keys.members(project), (all) =>
      all?.flatMap((each) => (each.person !== person ? [each] : role === null ? [] : [{ ...each, role }])),
    );
    await put(role);
    showUndo(
      role === null ? `${name} is no longer a member` : `${name} is ${role === 'owner' || role === 'annotator' ? 'an' : 'a'} ${role} now`,
      () => put(before),
    );
  } catch (error) {
    showFault(error);
  }
}

/** Managers say who reviews, annotates and views; who manages and owns is the owners' word. */
function useRolesToGive(): readonly Role[] {
  const isOwner = useMay('owner');
  return isOwner ? roles : roles.filter((role) => role !== 'owner' && role !== 'manager');
}

function MemberTable({ members }: { members: readonly Member[] }) {
  const { id: project } = useProject();
  const mayManage = useMay('manager');
  const given = useRolesToGive();
  const { person: self } = useSession();
  return (
    <div className={page.scroll}>
      <table className={page.table} aria-label="Members">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Role</th>
            <th scope="col">May</th>
            <th scope="col">
              <span className="lw-hidden">Remove</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {members.map((member) => {
            const isOpen = mayManage && given.includes(member.role);
            return (
              <tr key={member.person}>
                <td style={{ overflowWrap: 'anywhere' }}>
                  {member.name}
                  {member.person === self?.id && (
                    <Text span c="dimmed">
                      {' '}
                      (you)
                    </Text>
                  )}
                </td>
                <td>
                  {isOpen ? (
                    <RoleSelect
                      label={`Role of ${member.name}`}
                      role={member.role}
                      given={given}
                      onChange={(role) => void setRole(project, member, role)}
                    />
                  ) : (
                    member.role
                  )}
                </td>
                <td>
                  <Text size="xs" c="dimmed">
                    {may[member.role]}
                  </Text>
                </td>
                <td data-number>
                  {isOpen && (
                    <Button
                      variant="subtle"
                      color="gray"
                      aria-label={`Remove ${member.name}`}
                      onClick={() => void setRole(project, member, null)}
                    >
                      Remove
                    </Button>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function RoleSelect({
  label,
  role,
  given,
  onChange,
}: {
  label: string;
  role: Role;
  given: readonly Role[];
  onChange: (role: Role) => void;
}) {
  return (
    <Select
      aria-label={label}
      w={130}
      data={[...given]}
      value={role}
      allowDeselect={false}
      onChange={(value) => value && value !== role && onChange(value)}
    />
  );
}

function AddMember({ members }: { members: readonly Member[] }) {
  const { id: project } = useProject();
  const mayManage = useMay('manager');
  const { mode } = useSession();
  const given = useRolesToGive();
  const [person, setPerson] = useState<string | null>(null);
  const [role, setNewRole] = useState<Role>('annotator');
  const people = useQuery({ queryKey: ['people'], queryFn: () => api.listPeople({}), enabled: mayManage && mode === 'accounts' });
  if (!mayManage) return null;
  if (mode === 'single-user') {
    return (
      <Text c="dimmed" mt="lg" maw={560}>
        This server has one user. To work with others, stop it and start it with <code>--accounts</code>: it then prints a link for the
        first account, which takes over all projects.
      </Text>
    );
  }
  const others = (people.data ?? []).filter(({ id, disabled }) => !disabled && !members.some((member) => member.person === id));
  const chosen = others.find(({ id }) => String(id) === person);
  const add = async () => {
    if (!chosen) return;
    setPerson(null);
    await setRole(project, { person: chosen.id, name: chosen.name, role: null }, role);
  };
  return (
    <Group mt="lg" align="flex-end">
      <Select
        label="Add a member"
        placeholder={others.length === 0 ? 'everybody is a member' : 'name'}
        searchable
        disabled={others.length === 0}
        data={others.map(({ id, name, email }) => ({ value: String(id), label: email === '' ? name : `${name} (${email})` }))}
        value={person}
        onChange={setPerson}
        w={280}
      />
      <RoleSelect label="Role of the new member" role={role} given={given} onChange={setNewRole} />
      <Button variant="default" disabled={!chosen} onClick={() => void add()}>
        Add
      </Button>
      <Text size="xs" c="dimmed">
        Not there? An administrator makes accounts on the page <Link to="/people">People</Link>.
      </Text>
    </Group>
  );
}
