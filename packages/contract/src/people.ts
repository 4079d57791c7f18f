import { z } from 'zod';
import { done, id, json, name, projectParams, role, time } from './common.ts';
import { routes } from './route.ts';

const password = z.string().min(10, 'at least 10 characters').max(200);
const email = z.email().max(320);
const personParams = z.object({ person: id });

export const person = z.object({ id: z.int(), name, email: z.string(), admin: z.boolean(), disabled: z.boolean(), createdAt: time });
export type Person = z.infer<typeof person>;

export const peopleRoutes = routes({
  getSession: {
    method: 'GET',
    path: '/api/session',
    summary: 'Who is calling; `login` says that somebody must sign in first',
    reply: z.object({
      mode: z.enum(['single-user', 'accounts']),
      state: z.enum(['signed-in', 'login', 'setup']),
      person: person.nullable(),
      csrf: z.string().nullable(),
    }),
  },
  login: {
    method: 'POST',
    path: '/api/session',
    summary: 'Signs in',
    body: z.object({ email, password: z.string().max(200) }),
    reply: z.object({ person, csrf: z.string() }),
  },
  logout: { method: 'DELETE', path: '/api/session', summary: 'Signs out; the session is dead at once', reply: done },
  setup: {
    method: 'POST',
    path: '/api/setup',
    summary: 'Makes the first account, with the one-time key printed on the terminal',
    body: z.object({ key: z.string(), name, email, password }),
    reply: z.object({ person, csrf: z.string() }),
  },
  changePassword: {
    method: 'POST',
    path: '/api/session/password',
    summary: "Changes one's own password; all other sessions end",
    body: z.object({ current: z.string().max(200), next: password }),
    reply: done,
  },
  listPeople: { method: 'GET', path: '/api/people', summary: 'All accounts', reply: z.array(person) },
  createPerson: {
    method: 'POST',
    path: '/api/people',
    summary: 'A new account',
    body: z.object({ name, email, password, admin: z.boolean().default(false) }),
    reply: person,
  },
  updatePerson: {
    method: 'PATCH',
    path: '/api/people/:person',
    summary: 'Renames, disables or enables an account, or gives it a new password; all sessions of a changed password end',
    params: personParams,
    body: z.object({
      name: name.optional(),
      disabled: z.boolean().optional(),
      admin: z.boolean().optional(),
      password: password.optional(),
    }),
    reply: person,
  },
  listMembers: {
    method: 'GET',
    path: '/api/projects/:project/members',
    summary: 'Who may do what in a project',
    params: projectParams,
    reply: z.array(z.object({ person: z.int(), name: z.string(), role })),
  },
  setMember: {
    method: 'PUT',
    path: '/api/projects/:project/members/:person',
    summary: 'Gives a person a role in a project, or none',
    params: projectParams.extend({ person: id }),
    body: z.object({ role: role.nullable() }),
    reply: done,
  },
  listTokens: {
    method: 'GET',
    path: '/api/tokens',
    summary: "One's own API tokens, by their last four characters",
    reply: z.array(
      z.object({ id: z.int(), name, scope: z.enum(['read', 'write']), lastFour: z.string(), expiresAt: time, lastUsedAt: time.nullable() }),
    ),
  },
  createToken: {
    method: 'POST',
    path: '/api/tokens',
    summary: 'A new API token, shown this once',
    body: z.object({ name, scope: z.enum(['read', 'write']), days: z.int().min(1).max(366).default(90) }),
    reply: z.object({ id: z.int(), token: z.string() }),
  },
  deleteToken: {
    method: 'DELETE',
    path: '/api/tokens/:token',
    summary: 'Ends a token at once',
    params: z.object({ token: id }),
    reply: done,
  },
  listAudit: {
    method: 'GET',
    path: '/api/audit',
    summary: 'Who did what, newest first; a hash chain shows that nothing was taken out',
    query: z.object({ before: z.coerce.number().int().optional(), limit: z.coerce.number().int().min(1).max(500).default(100) }),
    reply: z.array(
      z.object({
        id: z.int(),
        time,
        person: z.string().nullable(),
        action: z.string(),
        project: z.int().nullable(),
        details: z.record(z.string(), json),
      }),
    ),
  },
});
