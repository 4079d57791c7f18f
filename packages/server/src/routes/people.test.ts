import { CallError } from '@labelwright/contract/client';
import { csrfHeader } from '@labelwright/contract/common';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestServer, type TestPerson, type TestServer } from '../testing.ts';

const password = 'a-long-quiet-evening';
let server: TestServer;
let admin: TestPerson;
let now = Date.now();
let serial = 0;

beforeAll(async () => {
  server = await startTestServer({ clock: () => now });
  admin = await server.addPerson('Admin', { admin: true });
});
afterAll(() => server.close());
// Nobody starts with the failed logins of the test before.
beforeEach(() => void (now += 120_000));

async function account(name = 'Ada') {
  const email = `${name.toLowerCase()}${++serial}@example.org`;
  const { id } = await server.client(admin).createPerson({ body: { name, email, password } });
  return { id, email };
}

async function signIn(email: string, withPassword = password): Promise<TestPerson> {
  const answer = await server.inject({ method: 'POST', url: '/api/session', payload: { email, password: withPassword } });
  if (answer.statusCode !== 200) throw new CallError(answer.statusCode, answer.json());
  const cookie = String(answer.headers['set-cookie']).split(';')[0];
  const { person, csrf } = answer.json<{ person: { id: number }; csrf: string }>();
  return { id: person.id, email, headers: { cookie, [csrfHeader]: csrf } };
}

const refusal = (status: number, code: string) => expect.objectContaining({ status, fault: expect.objectContaining({ code }) });
async function isOut(person: Pick<TestPerson, 'headers'>): Promise<boolean> {
  const { statusCode } = await server.inject({ url: '/api/projects', headers: { ...person.headers } });
  return statusCode === 401;
}

describe('sessions', () => {
  test('a login gives a cookie that scripts cannot read and other sites cannot use, and another one each time', async () => {
    const { email } = await account();
    const login = () => server.inject({ method: 'POST', url: '/api/session', payload: { email: email.toUpperCase(), password } });
    const [first, second] = [await login(), await login()];
    const cookie = String(first.headers['set-cookie']);
    expect(cookie).toMatch(/^labelwright=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=604800$/);
    expect(second.headers['set-cookie']).not.toBe(cookie);
    expect(first.json()).toMatchObject({ person: { email, admin: false, disabled: false } });
    expect(JSON.stringify(first.json())).not.toMatch(/hash|argon/);
    const stored = await server.db.selectFrom('sessions').selectAll().execute();
    expect(JSON.stringify(stored)).not.toContain(cookie.slice(12, 55));
  });

  test('behind https, the cookie is a __Host- one', async () => {
    const secure = await startTestServer({ publicUrl: 'https://labels.example.org' });
    const ada = await secure.addPerson('Ada');
    const answer = await secure.inject({ method: 'DELETE', url: '/api/session', headers: { host: 'labels.example.org' } });
    expect(answer.headers['set-cookie']).toBe('__Host-labelwright=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0; Secure');
    expect(answer.headers['strict-transport-security']).toBe('max-age=31536000');
    const cookie = ada.headers.cookie.replace('labelwright=', '__Host-labelwright=');
    expect((await secure.client({ headers: { ...ada.headers, cookie } }).getSession({})).state).toBe('signed-in');
    expect((await secure.client(ada).getSession({})).state).toBe('login');
    await secure.close();
  });

  test('a login ends the session of before', async () => {
    const { email } = await account();
    const before = await signIn(email);
    await server.inject({ method: 'POST', url: '/api/session', payload: { email, password }, headers: { cookie: before.headers.cookie } });
    expect(await isOut(before)).toBe(true);
  });

  test('P39: logout, another password and disabling end sessions and tokens at once', async () => {
    const { id, email } = await account();
    const leaving = await signIn(email);
    await server.client(leaving).logout({});
    expect(await isOut(leaving)).toBe(true);

    const [here, there] = [await signIn(email), await signIn(email)];
    const { token } = await server.client(there).createToken({ body: { name: 'CI', scope: 'write' } });
    const byToken = { headers: { authorization: `Bearer ${token}` } };
    await server.client(byToken).listProjects({});
    await server.client(here).changePassword({ body: { current: password, next: 'another-quiet-evening' } });
    expect(await isOut(there)).toBe(true);
    expect(await isOut(byToken)).toBe(true);
    await server.client(here).listProjects({});
    await expect(signIn(email)).rejects.toEqual(refusal(401, 'bad-login'));

    const again = (await server.client(here).createToken({ body: { name: 'CI', scope: 'read' } })).token;
    await server.client(admin).updatePerson({ params: { person: id }, body: { disabled: true } });
    expect(await isOut(here)).toBe(true);
    expect(await isOut({ headers: { authorization: `Bearer ${again}` } })).toBe(true);
    await expect(signIn(email, 'another-quiet-evening')).rejects.toEqual(refusal(401, 'bad-login'));
    await server.client(admin).updatePerson({ params: { person: id }, body: { disabled: false } });
    expect(await isOut(here)).toBe(true);
    expect(await isOut({ headers: { authorization: `Bearer ${again}` } })).toBe(true);
  });

  test('end after 12 hours without a call, and after 7 days in any case', async () => {
    const ada = await server.addPerson('Ada');
    const move = (column: 'last_seen_at' | 'expires_at', hours: number) =>
      server.db
        .updateTable('sessions')
        .set({ [column]: new Date(Date.now() + hours * 3_600_000) })
        .where('person_id', '=', ada.id)
        .execute();
    await move('last_seen_at', -11.9);
    await server.client(ada).listProjects({});
    const { last_seen_at } = await server.db.selectFrom('sessions').selectAll().where('person_id', '=', ada.id).executeTakeFirstOrThrow();
    expect(Date.now() - last_seen_at.getTime()).toBeLessThan(60_000);
    await move('last_seen_at', -12.1);
    expect(await isOut(ada)).toBe(true);
    await move('last_seen_at', 0);
    await move('expires_at', -0.01);
    expect(await isOut(ada)).toBe(true);
  });
});

describe('logins', () => {
  test('a wrong password, nobody of that name and a disabled account are told the same', async () => {
    const { email } = await account();
    const off = await account('Off');
    await server.client(admin).updatePerson({ params: { person: off.id }, body: { disabled: true } });
    const faults = await Promise.all(
      [signIn(email, 'wrong'), signIn('nobody@example.org'), signIn(off.email)].map((login) =>
        login.catch((error: CallError) => error.fault.message),
      ),
    );
    expect(faults).toEqual(Array(3).fill('The email address or the password is wrong'));
  });

  test('P42: a hundred failed logins a minute are slowed down, others are not, and the log says so', async () => {
    const [victim, other] = [await account('Victim'), await account('Other')];
    const attempts = await Promise.all(
      Array.from({ length: 100 }, () =>
        server.inject({ method: 'POST', url: '/api/session', payload: { email: victim.email, password: 'guess' } }),
      ),
    );
    const statuses = attempts.map(({ statusCode }) => statusCode);
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    const refused = attempts.filter(({ statusCode }) => statusCode === 429);
    expect(refused).toHaveLength(90);
    expect(Number(refused[0].headers['retry-after'])).toBeGreaterThan(0);
    await signIn(other.email);
    await expect(signIn(victim.email)).rejects.toEqual(refusal(429, 'too-many-requests'));
    now += 60_000;
    await signIn(victim.email);
    const entries = await server.client(admin).listAudit({ query: { limit: 500 } });
    const about = (action: string) => entries.filter((entry) => entry.action === action && entry.details.email === victim.email);
    expect(about('login.failed')).toHaveLength(10);
    expect(about('login.throttled')).toHaveLength(1);
  });

  test('an address that tries many accounts is slowed down as well', async () => {
    const attempt = (n: number) =>
      server.inject({ method: 'POST', url: '/api/session', payload: { email: `a${n}@example.org`, password: 'x' } });
    const statuses = (await Promise.all(Array.from({ length: 60 }, (_, n) => attempt(n)))).map(({ statusCode }) => statusCode);
    expect(statuses.filter((status) => status === 401)).toHaveLength(50);
    const elsewhere = await server.inject({
      method: 'POST',
      url: '/api/session',
      payload: { email: 'a@b.example', password: 'x' },
      remoteAddress: '192.0.2.7',
    });
    expect(elsewhere.statusCode).toBe(401);
  });

  test('what everybody would guess is no password', async () => {
    const make = (guess: string) =>
      server.client(admin).createPerson({ body: { name: 'Grace Hopper', email: 'grace@example.org', password: guess } });
    for (const guess of ['Password2024!', '1234567890', 'aaaaaaaaaaaa', 'qwertyuiop', 'gracehopper1', 'grace@example.org'])
      await expect(make(guess)).rejects.toEqual(refusal(400, 'weak-password'));
    await expect(make('short')).rejects.toEqual(refusal(400, 'bad-request'));
  });
});

describe('accounts', () => {
  test('nobody but administrators sees the addresses of others', async () => {
    const ada = await server.addPerson('Ada');
    await server.addProject(ada);
    const seen = await server.client(ada).listPeople({});
    expect(seen.filter(({ email }) => email !== '').map(({ id }) => id)).toEqual([ada.id]);
    expect((await server.client(admin).listPeople({})).every(({ email }) => email.includes('@'))).toBe(true);
  });

  test('an administrator gives others a new password, which ends their sessions, but must know the own one', async () => {
    const { id, email } = await account();
    const before = await signIn(email);
    const give = (person: number) => server.client(admin).updatePerson({ params: { person }, body: { password: 'yet-another-evening' } });
    await give(id);
    expect(await isOut(before)).toBe(true);
    expect((await signIn(email, 'yet-another-evening')).id).toBe(id);
    await expect(give(admin.id)).rejects.toEqual(refusal(403, 'forbidden'));
  });

  test('an email address has one account, however it is written', async () => {
    const { email } = await account();
    const twice = server.client(admin).createPerson({ body: { name: 'Again', email: email.toUpperCase(), password } });
    await expect(twice).rejects.toEqual(refusal(409, 'name-taken'));
  });

  test('the last administrator stays one, even when two leave at once', async () => {
    const alone = await startTestServer();
    const [a, b] = [await alone.addPerson('A', { admin: true }), await alone.addPerson('B', { admin: true })];
    const leave = (who: TestPerson) => alone.client(who).updatePerson({ params: { person: who.id }, body: { admin: false } });
    const outcomes = await Promise.allSettled([leave(a), leave(b)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await alone.close();
  });

  test('P37: nobody gives themselves more than they have', async () => {
    const ada = await server.addPerson('Ada');
    const project = await server.addProject(ada);
    const call = (method: 'POST' | 'PATCH', url: string, payload: object) => server.inject({ method, url, payload, headers: ada.headers });
    const more = await Promise.all([
      call('POST', '/api/projects', { name: 'X', schema: { questions: [] }, createdBy: admin.id }),
      call('PATCH', `/api/projects/${project}`, { version: 1, items: 7 }),
      call('POST', '/api/tokens', { name: 'mine', scope: 'read', personId: admin.id }),
      call('PATCH', `/api/people/${ada.id}`, { admin: true }),
      call('POST', '/api/session/password', { current: 'x', next: 'y', person: admin.id }),
    ]);
    expect(more.map(({ statusCode }) => statusCode)).toEqual([400, 400, 400, 403, 400]);
    expect(more[1].json<{ message: string }>().message).toMatch(/items/);
    expect((await server.client(ada).getProject({ params: { project } })).items).toBe(0);
  });

  test('P38: what is not a filter is a fault', async () => {
    const ada = await server.addPerson('Ada');
    for (const query of ['filter[person.passwordHash][startsWith]=$', 'sort=secret', 'archived=true&admin=true', 'archived=perhaps']) {
      const answer = await server.inject({ url: `/api/projects?${query}`, headers: ada.headers });
      expect([query, answer.statusCode]).toEqual([query, 400]);
    }
  });
});

describe('members', () => {
  test('managers name reviewers and annotators, owners also managers; one owner stays', async () => {
    const [owner, manager, other] = [await server.addPerson('Owner'), await server.addPerson('Manager'), await server.addPerson('Other')];
    const project = await server.addProject(owner);
    await server.setRole(project, manager, 'manager');
    const give = (by: TestPerson, person: TestPerson, role: 'owner' | 'manager' | 'annotator' | null) =>
      server.client(by).setMember({ params: { project, person: person.id }, body: { role } });

    await give(manager, other, 'annotator');
    expect((await server.client(other).listProjects({})).map(({ role }) => role)).toEqual(['annotator']);
    await expect(give(manager, manager, 'owner')).rejects.toEqual(refusal(403, 'forbidden'));
    await expect(give(manager, other, 'manager')).rejects.toEqual(refusal(403, 'forbidden'));
    await expect(give(manager, owner, 'annotator')).rejects.toEqual(refusal(403, 'forbidden'));
    await expect(give(owner, owner, null)).rejects.toEqual(refusal(409, 'last-owner'));
    await give(owner, other, 'owner');
    await give(owner, owner, null);
    await expect(server.client(owner).getProject({ params: { project } })).rejects.toEqual(refusal(404, 'not-found'));
    const list = await server.client(other).listMembers({ params: { project } });
    expect(list.map(({ name, role }) => [name, role])).toEqual([
      ['Manager', 'manager'],
      ['Other', 'owner'],
    ]);
  });
});

describe('API tokens', () => {
  test('are shown once, then by their last four characters; of others nothing is seen and nothing ended', async () => {
    const [ada, bob] = [await server.addPerson('Ada'), await server.addPerson('Bob')];
    const { id, token } = await server.client(ada).createToken({ body: { name: 'CI', scope: 'read' } });
    expect(token).toMatch(/^lw_[\w-]{43}$/);
    const [listed] = await server.client(ada).listTokens({});
    expect(listed).toMatchObject({ id, name: 'CI', scope: 'read', lastFour: token.slice(-4), lastUsedAt: null });
    expect(new Date(listed.expiresAt).getTime() - Date.now()).toBeGreaterThan(89 * 86_400_000);
    expect(await server.client(bob).listTokens({})).toEqual([]);
    await expect(server.client(bob).deleteToken({ params: { token: id } })).rejects.toEqual(refusal(404, 'not-found'));

    const byToken = { headers: { authorization: `Bearer ${token}` } };
    await server.client(byToken).listProjects({});
    await server.db.updateTable('tokens').set({ expires_at: new Date() }).where('id', '=', id).execute();
    expect(await isOut(byToken)).toBe(true);
    const second = await server.client(ada).createToken({ body: { name: 'CI', scope: 'read' } });
    await server.client(ada).deleteToken({ params: { token: second.id } });
    expect(await isOut({ headers: { authorization: `Bearer ${second.token}` } })).toBe(true);
    expect(await server.client(ada).listTokens({})).toEqual([]);
  });

  test('a bad one is refused, even beside a good cookie', async () => {
    const ada = await server.addPerson('Ada');
    for (const authorization of ['Bearer lw_wrong', 'Bearer ', 'Basic YTpi', 'lw_x'])
      expect(await isOut({ headers: { ...ada.headers, authorization } })).toBe(true);
  });
});
