import { dirname, join } from 'node:path';
import { type Account, canEnter } from './account.ts';
import type { Programs } from './programs.ts';

/** The role that owns everything in an embedded cluster. */
export const role = 'labelwright';

export interface Cluster {
  /** PostgreSQL's data directory. */
  readonly folder: string;
  readonly programs: Programs;
  readonly account: Account | undefined;
  /** For tests: no waiting for the disk, removed in the end. */
  readonly isThrowaway: boolean;
}

/** In the cluster, so that every copy of the cluster has it. */
export const passwordFile = (folder: string): string => join(folder, 'labelwright.password');

/** Where root keeps data below a folder that the account may not enter (`/root`), the account inherits the cluster as its working
 *  directory and names it by the link in /proc, which needs no way down to it: the user's folders keep their modes. */
export async function argumentFor(folder: string, account: Account | undefined): Promise<string> {
  return process.platform !== 'linux' || (await canEnter(dirname(folder), account)) ? folder : '/proc/self/cwd';
}
