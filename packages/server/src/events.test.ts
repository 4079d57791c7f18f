import type { AddressInfo } from 'node:net';
import type { Event } from '@labelwright/contract/system';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEvents } from './events.ts';
import { startTestServer, type TestPerson, type TestServer } from './testing.ts';

let server: TestServer;
let url: string;
let owner: TestPerson;
let project: number;
beforeAll(async () => {
  server = await startTestServer();
  await server.app.listen({ port: 0, host: '127.0.0.1' });
  url = `http://127.0.0.1:${(server.app.server.address() as AddressInfo).port}`;
  owner = await server.addPerson('Owner');
  project = await server.addProject(owner);
});
afterAll(() => server.close());

/** The events of a stream; ends when the server ends it. */
async function listen(person: TestPerson, to = project) {
  const response = await fetch(`${url}/api/projects/${to}/events`, { headers: person.headers });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = (await reader?.read())?.value ?? '';
  const next = async (): Promise<Event | 'end'> => {
    for (;;) {
      const found = /data: (.*)\n\n/.exec(text);
      if (found) {
        text = text.slice(found.index + found[0].length);
        return JSON.parse(found[1]) as Event;
      }
      const { done, value } = (await reader?.read()) ?? { done: true };
      if (done) return 'end';
      text += value;
    }
  };
  return { response, hello: text, next, leave: () => reader?.cancel() };
}

test('what happens in a project is heard there, once it is committed, and not elsewhere', async () => {
  const other = await server.addProject(owner);
  const stream = await listen(owner);
  expect(stream.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(stream.response.headers.get('x-accel-buffering')).toBe('no');
  expect(stream.response.headers.get('cache-control')).toBe('no-store');
  expect(stream.hello).toBe('retry: 2000\n\n');
  const { db, events } = server.context;
  await events.publish(db, other, { kind: 'labelers' });
  const undone = db.transaction().execute(async (transaction) => {
    await events.publish(transaction, project, { kind: 'labelers' });
    throw new Error('rolled back');
  });
  await expect(undone).rejects.toThrow('rolled back');
  await server.client(owner).updateProject({ params: { project }, body: { version: 1, name: 'New' } });
  expect(await stream.next()).toEqual({ kind: 'project' });
  await stream.leave();
});

test('it does not matter which server of a database says it', async () => {
  const another = await startEvents(server.context.connection, server.context.log);
  const stream = await listen(owner);
  await another.publish(server.db, project, { kind: 'export', export: 1, state: 'done' });
  expect(await stream.next()).toEqual({ kind: 'export', export: 1, state: 'done' });
  await stream.leave();
  await another.stop();
});

test('P39: the stream ends when the role goes, and is not given again', async () => {
  const viewer = await server.addPerson('Viewer');
  await server.client(owner).setMember({ params: { project, person: viewer.id }, body: { role: 'viewer' } });
  const [stream, mine] = [await listen(viewer), await listen(owner)];
  await server.client(owner).setMember({ params: { project, person: viewer.id }, body: { role: null } });
  let last: Event | 'end' = await stream.next();
  while (last !== 'end') last = await stream.next();
  expect((await listen(viewer)).response.status).toBe(404);
  expect(await mine.next()).toEqual({ kind: 'project' });
  await mine.leave();
});

test('P39: and when the person signs out', async () => {
  const leaving = await server.addPerson('Leaving');
  await server.setRole(project, leaving, 'viewer');
  const stream = await listen(leaving);
  await server.client(leaving).logout({});
  expect(await stream.next()).toBe('end');
  expect((await listen(leaving)).response.status).toBe(401);
});

test('a server that stops ends its streams at once', async () => {
  const stopping = await startTestServer();
  await stopping.app.listen({ port: 0, host: '127.0.0.1' });
  const ada = await stopping.addPerson('Ada');
  const id = await stopping.addProject(ada);
  const response = await fetch(`http://127.0.0.1:${(stopping.app.server.address() as AddressInfo).port}/api/projects/${id}/events`, {
    headers: ada.headers,
  });
  const [text] = await Promise.all([response.text(), stopping.close()]);
  expect(text).toBe('retry: 2000\n\n');
});
