import type { Role } from '@labelwright/contract/common';
import type { FastifyBaseLogger } from 'fastify';
import type { Kysely } from 'kysely';
import type { ClientConfig, Pool } from 'pg';
import type { Tables } from './database/tables.ts';
import type { Events } from './events.ts';
import type { Entrance } from './security/entrance.ts';

/** The database, or a transaction of it: whatever stores and actions are given. */
export type Db = Kysely<Tables>;

/** What routes, actions and jobs stand on. One per process. */
export interface Context {
  readonly db: Db;
  readonly pool: Pool;
  /** For connections of one's own: LISTEN, the job queue. */
  readonly connection: ClientConfig;
  readonly files: { readonly dataDirectory: string };
  readonly events: Events;
  readonly entrance: Entrance;
  readonly log: FastifyBaseLogger;
  /** This Labelwright: "0.1.0". */
  readonly version: string;
  /** Milliseconds since 1970, of this process; leases and whatever two processes must agree on use the clock of the database. */
  readonly clock: () => number;
}

/** Who is calling. */
export interface Caller {
  readonly person: { readonly id: number; readonly name: string; readonly email: string; readonly admin: boolean };
  readonly by: Credential;
}

export type Credential =
  | { readonly kind: 'session'; readonly hash: Buffer; readonly csrf: string }
  | { readonly kind: 'token'; readonly id: number; readonly scope: 'read' | 'write' }
  /** A server on loopback without accounts: whoever sits at this machine. */
  | { readonly kind: 'single-user'; readonly csrf: string };

/** Who is calling on a route of a project, with the role that the access table asked for, or a higher one. */
export interface Member extends Caller {
  readonly role: Role;
}
