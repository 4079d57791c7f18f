import type { OriginRules } from './request-origin.ts';
import type { Secret } from './secret.ts';
import type { SetupKey } from './setup-key.ts';
import type { Throttle } from './throttle.ts';

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
