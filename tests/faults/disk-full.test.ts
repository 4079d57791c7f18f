import { execFileSync, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CallError } from '@labelwright/contract/client';
import type { Finding } from '@labelwright/server/upkeep/doctor';
import { afterAll, expect, test } from 'vitest';
import { labelwright } from '../cli/run-cli.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'labelwright-disk-'));
/** A disk of its own takes the right to mount one. */
const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=400m', 'labelwright', folder]).status === 0;
if (!isMounted)
  console.warn(
    'P65, a full disk under the database: SKIPPED, this user may not mount a small one (the upload part is in routes/imports.test.ts)',
  );

let server: ServerProcess | undefined;
afterAll(async () => {
  await server?.stop();
  if (isMounted) execFileSync('umount', ['-l', folder]);
  rmSync(folder, { recursive: true, force: true });
});

const data = join(folder, 'data');
const filler = join(folder, 'filler');

/** Takes all room that there is. */
function fill(): void {
  const file = openSync(filler, 'a');
  for (let length = 1 << 20; length >= 512; ) {
    try {
      if (writeSync(file, Buffer.alloc(length)) < length) length >>= 1;
    } catch {
      length >>= 1;
    }
  }
  closeSync(file);
}

test.skipIf(!isMounted)(
  'P65: the disk is full under the database: said as such, nothing confirmed is lost, and it goes on without a restart',
  async () => {
    server = await startServerProcess(data);
    const { client } = server;
    const schema = {
      questions: [{ kind: 'choice' as const, id: 'kind', title: 'Kind', labels: [{ id: 'spam' }, { id: 'ham' }], multiple: false }],
    };
    const { id: project } = await client.createProject({ body: { name: 'Mails', schema } });
    const items = 4_000;
    const lines = Array.from({ length: items }, (_, n) => JSON.stringify({ id: `mail-${n}`, text: `Mail ${n} ${'word '.repeat(40)}` }));
    const upload = async (bytes: Uint8Array) => {
      const { id } = await client.createImport({ params: { project }, body: { fileName: 'mails.jsonl', sizeBytes: bytes.length } });
      await client.uploadChunk({ params: { project, import: id }, query: { offset: 0 } }, { raw: bytes });
      return id;
    };
    const whole = new TextEncoder().encode(lines.join('\n'));
    const id = await upload(whole);
    await client.startImport({ params: { project, import: id }, body: {} });
    const stateOf = async () => (await client.getImport({ params: { project, import: id } })).state;
    for (let n = 0; n < 600 && (await stateOf()) !== 'done'; n++) await sleep(100);
    expect(await stateOf()).toBe('done');

    fill();
    // A file does not fit at all.
    const refused = await upload(whole).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(CallError);
    expect([503, 507]).toContain((refused as CallError).status);

    // Answers fit as long as there is room in what the database has; then they are refused in words, each of them, however long it takes.
    const confirmed = new Set<number>();
    const faults = new Set<string>();
    const submit = (ordinal: number) =>
      client.submitAnswer({
        params: { project },
        body: { action: randomUUID(), ordinal, kind: 'answer', labels: ['spam'], base: 0, seconds: 1 },
      });
    for (let ordinal = 0; ordinal < items && faults.size === 0; ordinal++) {
      try {
        await submit(ordinal);
        confirmed.add(ordinal);
      } catch (error) {
        const { status, fault } = error as CallError;
        faults.add(`${status} ${fault.code}`);
      }
    }
    const known = ['507 disk-full', '503 database-away', '503 not-ready'];
    expect([...faults].filter((fault) => !known.includes(fault))).toEqual([]);

    rmSync(filler);
    let isBack = false;
    for (let n = 0; n < 100 && !isBack; n++) {
      isBack = await submit(items - 1).then(
        () => true,
        () => false,
      );
      if (!isBack) await sleep(200);
    }
    expect(isBack).toBe(true);
    const answered = await client.queryItems({ params: { project }, body: { filter: { decision: ['answered'] }, limit: 500 } });
    const stored = new Set(answered.rows.map(({ ordinal }) => ordinal));
    expect([...confirmed].slice(0, 400).filter((ordinal) => !stored.has(ordinal))).toEqual([]);
    expect(answered.total).toBeGreaterThanOrEqual(confirmed.size);
    const { stdout } = labelwright(['doctor', '--data', data, '--json']);
    expect((JSON.parse(stdout) as Finding[]).filter(({ violations }) => violations > 0)).toEqual([]);
  },
);
