import type { Api } from '@labelwright/contract/api';
import type { ReplyOf } from '@labelwright/contract/route';
import { createContext, useContext } from 'react';

export type Session = ReplyOf<Api['getSession']>;

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('useSession is for pages inside the root frame');
  return session;
}
