import { Tabs } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { Page } from '../design/page.tsx';
import { TopBar } from '../frame/top-bar.tsx';
import { AccountList } from '../panels/account-list.tsx';
import { ApiTokens } from '../panels/api-tokens.tsx';
import { AuditLog } from '../panels/audit-log.tsx';
import { OwnAccount } from '../panels/own-account.tsx';
import { useSession } from '../state/session.ts';
import classes from './people.module.css';

const tabs = [
  { value: 'account', title: 'Your account', forAdmins: false, show: () => <OwnAccount /> },
  { value: 'tokens', title: 'API tokens', forAdmins: false, show: () => <ApiTokens /> },
  { value: 'accounts', title: 'Accounts', forAdmins: true, show: () => <AccountList /> },
  { value: 'audit', title: 'Audit log', forAdmins: true, show: () => <AuditLog /> },
] as const;

const route = getRouteApi('/people');

/** Oneself, and for administrators everybody. */
export function PeoplePage() {
  const { person } = useSession();
  const { tab = 'account' } = route.useSearch();
  const navigate = route.useNavigate();
  const open = tabs.filter(({ forAdmins }) => !forAdmins || person?.admin);
  const shown = open.some(({ value }) => value === tab) ? tab : 'account';
  return (
    <>
      <TopBar />
      <main id="main">
        <Page title="People">
          <Tabs
            value={shown}
            onChange={(value) => void navigate({ search: { tab: open.find((each) => each.value === value)?.value } })}
            keepMounted={false}
          >
            <Tabs.List aria-label="People">
              {open.map(({ value, title }) => (
                <Tabs.Tab key={value} value={value}>
                  {title}
                </Tabs.Tab>
              ))}
            </Tabs.List>
            {open.map(({ value, show }) => (
              <Tabs.Panel key={value} value={value} className={classes.panel ?? ''}>
                {show()}
              </Tabs.Panel>
            ))}
          </Tabs>
        </Page>
      </main>
    </>
  );
}
