import { Center, Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Navigate, Outlet, useLocation } from '@tanstack/react-router';
import { api, keys, setCsrf } from '../api.ts';
import { ErrorNotice } from '../design/notices.tsx';
import { SessionContext } from '../state/session.ts';
import { useLivingSession } from '../state/session-end.ts';
import { OutboxHost } from './outbox-host.tsx';

/** Who is calling decides what is shown: the page, the login, or the set-up of the first account. */
export function RootFrame() {
  const { pathname } = useLocation();
  const session = useQuery({
    queryKey: keys.session,
    queryFn: async () => {
      const answer = await api.getSession({});
      setCsrf(answer.csrf);
      return answer;
    },
  });
  const living = useLivingSession(session.data);
  if (session.error && !living) return <ErrorNotice error={session.error} retry={() => void session.refetch()} />;
  if (!session.data || !living) {
    return (
      <Center h="100vh">
        <Loader aria-label="Loading" />
      </Center>
    );
  }
  const { state } = living;
  if (state === 'login' && pathname !== '/login') return <Navigate to="/login" />;
  if (state === 'setup' && pathname !== '/setup') return <Navigate to="/setup" search={{}} />;
  if (state === 'signed-in' && (pathname === '/login' || pathname === '/setup')) return <Navigate to="/" />;
  return (
    <SessionContext.Provider value={living}>
      {/* Who signs in after somebody else begins anew. */}
      <Outlet key={living.person?.id} />
      {living.person && <OutboxHost person={living.person} />}
    </SessionContext.Provider>
  );
}
