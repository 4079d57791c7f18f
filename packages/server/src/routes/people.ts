import type { Caller } from '../context.ts';
import { changePassword } from '../actions/change-password.ts';
import { createPerson } from '../actions/create-person.ts';
import { createToken } from '../actions/create-token.ts';
import { deleteToken } from '../actions/delete-token.ts';
import { logIn } from '../actions/log-in.ts';
import { logOut } from '../actions/log-out.ts';
import { setMember } from '../actions/set-member.ts';
import { setUp } from '../actions/set-up.ts';
import { updatePerson } from '../actions/update-person.ts';
import type { Handlers } from '../handlers.ts';
import { endedSessionCookie, sessionCookie } from '../security/session-cookie.ts';
import { auditEntries } from '../stores/audit.ts';
import { membersOf } from '../stores/members.ts';
import { allPeople, findPerson, hasAccounts, type PersonRow, presentPerson } from '../stores/people.ts';
import { longestSessionSeconds, type Session } from '../stores/sessions.ts';
import { tokensOf } from '../stores/tokens.ts';

export const peopleHandlers = {
  getSession: async ({ caller, context }) => {
    const mode = context.entrance.allowsSingleUser && !(await hasAccounts(context.db)) ? 'single-user' : 'accounts';
    if (!caller) {
      const state = (await hasAccounts(context.db)) ? 'login' : 'setup';
      return { mode, state, person: null, csrf: null };
    }
    const row = await findPerson(context.db, caller.person.id);
    return { mode, state: 'signed-in', person: row ? presentPerson(row) : null, csrf: caller.by.kind === 'token' ? null : caller.by.csrf };
  },

  login: async ({ body, caller, context, request, reply }) => {
    const before = caller?.by.kind === 'session' ? caller.by.hash : undefined;
    const { person, session } = await logIn(context, { ...body, address: request.ip, before });
    reply.header('set-cookie', sessionCookie(session.token, context.entrance.isSecure, longestSessionSeconds));
    return signedIn(person, session);
  },

  logout: async ({ caller, context, reply }) => {
    if (caller) await logOut(context, caller);
    reply.header('set-cookie', endedSessionCookie(context.entrance.isSecure));
    return { ok: true };
  },

  setup: async ({ body, context, reply }) => {
    const { person, session } = await setUp(context, body);
    reply.header('set-cookie', sessionCookie(session.token, context.entrance.isSecure, longestSessionSeconds));
    return signedIn(person, session);
  },

  changePassword: async ({ body, caller, context }) => {
    await changePassword(context, caller, body);
    return { ok: true };
  },

  listPeople: async ({ caller, context }) => (await allPeople(context.db)).map((row) => withoutOthersEmail(row, caller)),

  createPerson: async ({ body, caller, context }) => presentPerson(await createPerson(context, caller, body)),

  updatePerson: async ({ params, body, caller, context }) => presentPerson(await updatePerson(context, caller, params.person, body)),

  listMembers: ({ params, context }) => membersOf(context.db, params.project),

  setMember: async ({ params, body, caller, context }) => {
    await setMember(context, caller, { ...params, role: body.role });
    return { ok: true };
  },

  listTokens: async ({ caller, context }) => {
    const tokens = await tokensOf(context.db, caller.person.id);
    return tokens.map(({ id, name, scope, last_four, expires_at, last_used_at }) => ({
      id,
      name,
      scope,
      lastFour: last_four,
      expiresAt: expires_at.toISOString(),
      lastUsedAt: last_used_at?.toISOString() ?? null,
    }));
  },

  createToken: ({ body, caller, context }) => createToken(context, caller, body),

  deleteToken: async ({ params, caller, context }) => {
    await deleteToken(context, caller, params.token);
    return { ok: true };
  },

  listAudit: async ({ query, context }) => {
    const entries = await auditEntries(context.db, query);
    return entries.map(({ id, time, person, action, project_id, details }) => ({
      id,
      time: time.toISOString(),
      person,
      action,
      project: project_id,
      details: details as Record<string, unknown>,
    }));
  },
} satisfies Partial<Handlers>;

function signedIn(person: PersonRow, session: Session) {
  return { person: presentPerson(person), csrf: session.csrf };
}

/** Who gives out roles needs the names; the addresses are the administrators' matter. */
function withoutOthersEmail(row: PersonRow, { person }: Caller) {
  return { ...presentPerson(row), ...(!person.admin && row.id !== person.id && { email: '' }) };
}
