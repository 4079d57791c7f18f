import { Center, Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Navigate, Outlet, useLocation } from '@tanstack/react-router';
import { api, keys, setCsrf } from '../api.ts';
import { ErrorNotice } from '../design/notices.tsx';
import { SessionContext } from '../state/session.ts';

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
  if (session.error) return <ErrorNotice error={session.error} retry={() => void session.refetch()} />;
  if (!session.data) {
    return (
      <Center h="100vh">
        <Loader aria-label="Loading" />
      </Center>
    );
  }
  const { state } = session.data;
  if (state === 'login' && pathname !== '/login') return <Navigate to="/login" />;
  if (state === 'setup' && pathname !== '/setup') return <Navigate to="/setup" search={{}} />;
  if (state === 'signed-in' && (pathname === '/login' || pathname === '/setup')) return <Navigate to="/" />;
  return (
    <SessionContext.Provider value={session.data}>
      <Outlet />
    </SessionContext.Provider>
  );
}
