import { api, keys, queries, setCsrf } from '../api.ts';
import { type BrowserDatabase, forgetOld, openBrowserDatabase } from './browser-database.ts';
import { Outbox, type OutboxNews } from './outbox.ts';
import { outboxState } from './outbox-state.ts';
import { sendAction } from './send-action.ts';

const name = 'labelwright-outbox';

/** The one database of this page, opened when it is first asked for. */
export const browserDatabase: () => Promise<BrowserDatabase> = once(async () => {
  const database = await openBrowserDatabase();
  // Asks the browser not to clear it when the disk runs full; refused or not, work goes on.
  void navigator.storage?.persist?.().catch(() => false);
  void forgetOld(database, Date.now());
  return database;
});

/** The one outbox of this page. All tabs share what is in it; one sends at a time. */
export const browserOutbox: () => Promise<Outbox> = once(async () => {
  const outbox = new Outbox({
    database: await browserDatabase(),
    send: (action, base) => sendAction(api, action, base),
    renewSession: async () => {
      const session = await api.getSession({});
      setCsrf(session.csrf);
      queries.setQueryData(keys.session, session);
      return session.person?.id;
    },
    exclusively,
    channel: tabChannel(),
    publish: (state) => outboxState.set(state),
    now: () => Date.now(),
    // A little chance in it, so that fifty browsers do not come back in the same moment.
    later: (milliseconds, work) => {
      const timer = setTimeout(work, milliseconds * (0.75 + Math.random() / 2));
      return () => clearTimeout(timer);
    },
  });
  window.addEventListener('online', () => outbox.wake());
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && outbox.wake());
  return outbox;
});

/** Where the browser has no locks (plain http), two tabs may both send: the ids make that one action all the same. */
async function exclusively(work: () => Promise<void>): Promise<void> {
  if (!navigator.locks) return work();
  await navigator.locks.request(name, work);
}

function tabChannel() {
  const channel = new BroadcastChannel(name);
  return {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has no other origin
    post: (news: OutboxNews) => channel.postMessage(news),
    listen: (listener: (news: OutboxNews) => void) => {
      const hear = ({ data }: MessageEvent<OutboxNews>) => listener(data);
      channel.addEventListener('message', hear);
      return () => channel.removeEventListener('message', hear);
    },
  };
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
