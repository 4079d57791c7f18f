import type { Event } from '@labelwright/contract/system';
import { sql } from 'kysely';
import type { FastifyBaseLogger } from 'fastify';
import type { ClientConfig } from 'pg';
import type { Db } from './context.ts';
import { onNotify } from './database/listen.ts';

/** Somebody who listens to a project. */
export interface Listener {
  readonly project: number;
  readonly person: number;
  readonly hear: (event: Event) => void;
  /** The stream ends: the client connects again, if it still may, and reads the present state. */
  readonly close: () => void;
}

export interface Events {
  /** To all servers, when the transaction is committed; at once where `db` is none. */
  publish(db: Db, project: number, event: Event): Promise<void>;
  /** What a person may see has changed: their streams end, and are asked for anew. */
  publishRevoked(db: Db, person: number): Promise<void>;
  /** @returns what ends it */
  listen(listener: Listener): () => void;
  /** Ends all streams. */
  stop(): Promise<void>;
}

/** Of one person: beyond it the oldest ends. */
const mostStreams = 20;

const channel = 'labelwright_events';

type Message = { readonly project: number; readonly event: Event } | { readonly revoked: number };

/** Events go through PostgreSQL, so that it does not matter which server a client is connected to. */
export async function startEvents(connection: ClientConfig, log: FastifyBaseLogger): Promise<Events> {
  const listeners = new Set<Listener>();
  const end = (which: (listener: Listener) => boolean) => {
    for (const listener of listeners) if (which(listener)) listener.close();
  };
  const hear = (payload: string) => {
    const message = JSON.parse(payload) as Message;
    if ('revoked' in message) return end(({ person }) => person === message.revoked);
    for (const listener of listeners) if (listener.project === message.project) listener.hear(message.event);
  };
  const listening = await onNotify(connection, { [channel]: hear }, { onGap: () => end(() => true), log: (line) => log.warn(line) });
  const notify = async (db: Db, message: Message) => {
    await sql`select pg_notify(${channel}, ${JSON.stringify(message)})`.execute(db);
  };
  return {
    publish: (db, project, event) => notify(db, { project, event }),
    publishRevoked: (db, person) => notify(db, { revoked: person }),
    listen: (listener) => {
      const own = [...listeners].filter(({ person }) => person === listener.person);
      if (own.length >= mostStreams) own[0].close();
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stop: async () => {
      end(() => true);
      await listening.stop();
    },
  };
}
