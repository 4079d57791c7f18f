import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CoreError, reasonOf } from '@labelwright/core/model/errors';
import type { Account } from './account.ts';
import { argumentFor, type Cluster, role } from './cluster.ts';
import { cleanEnvironment } from './environment.ts';

/** Passwords on every door. */
const hostRules = `# Written by Labelwright.
local all all scram-sha-256
host all all 127.0.0.1/32 scram-sha-256
`;

/** Text is compared and folded by PostgreSQL's own C.UTF-8 (half the sorting time of the system's, and it never changes under an index);
 *  only the word parser of full-text search still asks the system's locale, and takes quotation marks for letters in `C`. */
const locales = ['C.UTF-8', 'en_US.UTF-8', 'C'];

/** @throws CoreError 'database-init' */
export async function runInitdb({ folder, programs, account, isThrowaway }: Cluster): Promise<void> {
  const common = ['-D', await argumentFor(folder, account), `--username=${role}`, '--auth=reject', '--encoding=UTF8', '--data-checksums'];
  const locale = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions'];
  const sync = isThrowaway ? ['--no-sync'] : process.platform === 'linux' ? ['--sync-method=syncfs'] : [];
  let said = '';
  for (const name of locales) {
    const result = await runProgram(programs.initdb, [...common, ...locale, ...sync, `--locale=${name}`], folder, account);
    if (result.code === 0) {
      await writeFile(join(folder, 'pg_hba.conf'), hostRules, { flush: true });
      return;
    }
    said = result.said;
    if (!said.includes('invalid locale name')) break;
  }
  throw new CoreError('database-init', `database ${folder}: could not be made: ${essenceOf(said)}: ${adviceFor(said)}`);
}

/** One statement without a server, as nobody needs a password for. @throws CoreError 'database-init' */
export async function runSingleUser({ folder, programs, account, isThrowaway }: Cluster, statement: string): Promise<void> {
  const path = await argumentFor(folder, account);
  const args = ['--single', '-D', path, '-c', 'exit_on_error=on', '-c', `fsync=${isThrowaway ? 'off' : 'on'}`, 'postgres'];
  const { code, said } = await runProgram(programs.postgres, args, folder, account, `${statement}\n`);
  if (code !== 0)
    throw new CoreError('database-init', `database ${folder}: the password could not be set: ${essenceOf(said)}: ${adviceFor(said)}`);
}

/** What to do about a failure, by what PostgreSQL said. */
export function adviceFor(said: string): string {
  if (/No space left|ENOSPC/.test(said)) return 'free some space on the disk';
  if (/could not create shared memory|Cannot allocate memory|out of memory/i.test(said)) return 'free some memory';
  if (/Permission denied|Operation not permitted|EACCES|EPERM/.test(said)) return 'check who owns the folder and may write to it';
  if (/Read-only file system|EROFS/.test(said)) return 'choose a data folder that can be written';
  if (/checkpoint record|invalid page|PANIC|pg_control|could not read file/i.test(said)) return 'the files are damaged: restore a backup';
  return 'see postgres.log in the data folder';
}

/** In one line, what matters of a log: its faults without time and process, else its end. */
export function essenceOf(said: string): string {
  const lines = said.split('\n').map((line) => line.replace(/^\S+ \S+ UTC \[\d+\] /, '').trim());
  const faults = lines.filter((line) => /^(\w+: )?(FATAL|PANIC|ERROR|error): /.test(line));
  return (faults.length > 0 ? faults.slice(0, 2) : lines.filter((line) => line !== '').slice(-2)).join(' / ').slice(0, 500);
}

async function runProgram(
  program: string,
  args: string[],
  cwd: string,
  account: Account | undefined,
  input = '',
): Promise<{ code: number | null; said: string }> {
  return new Promise((resolve) => {
    const fail = (error: unknown) => resolve({ code: null, said: reasonOf(error) });
    try {
      const child = spawn(program, args, { ...account, cwd, env: cleanEnvironment(), windowsHide: true });
      let said = '';
      child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
      child.on('error', fail);
      child.stdin.on('error', () => undefined);
      child.on('close', (code) => resolve({ code, said }));
      child.stdin.end(input);
    } catch (error) {
      fail(error);
    }
  });
}
