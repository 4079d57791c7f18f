import { type OriginRules, originRules } from './request-origin.ts';
import type { Secret } from './secret.ts';
import { makeSetupKey, type SetupKey } from './setup-key.ts';
import { Throttle } from './throttle.ts';

/** How people come in, settled when the process starts. */
export interface Entrance {
  /** Without accounts, whoever reaches the server is its user: only where nobody but this machine can reach it. */
  readonly allowsSingleUser: boolean;
  /** Users reach the server by https. */
  readonly isSecure: boolean;
  readonly origins: OriginRules;
  readonly secret: Secret;
  readonly setupKey: SetupKey;
  readonly limits: {
    /** Calls, by person, else by address. */
    readonly calls: Throttle;
    /** Logins that failed, by account and by address. */
    readonly loginsOfAccount: Throttle;
    readonly loginsFromAddress: Throttle;
    /** Entries of the audit log about logins that were not even tried, by address. */
    readonly throttledEntries: Throttle;
  };
}

export interface EntranceOptions {
  /** Listens on this machine only. */
  readonly isLoopback: boolean;
  /** Accounts even on loopback. */
  readonly accounts: boolean;
  readonly publicUrl?: string | undefined;
  readonly hosts?: readonly string[] | undefined;
  readonly secret: Secret;
  readonly clock: () => number;
  readonly callsPerMinute?: number | undefined;
}

export function makeEntrance({ isLoopback, accounts, publicUrl, hosts, secret, clock, callsPerMinute = 1_000 }: EntranceOptions): Entrance {
  return {
    // A name of its own means that a proxy lets others in.
    allowsSingleUser: isLoopback && !accounts && publicUrl === undefined && (hosts ?? []).length === 0,
    isSecure: publicUrl?.startsWith('https:') ?? false,
    origins: originRules(isLoopback, publicUrl, hosts),
    secret,
    setupKey: makeSetupKey(clock),
    limits: {
      calls: new Throttle(callsPerMinute, clock),
      loginsOfAccount: new Throttle(10, clock),
      loginsFromAddress: new Throttle(50, clock),
      throttledEntries: new Throttle(1, clock),
    },
  };
}
