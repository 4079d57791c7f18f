import { type Role, roles } from '@labelwright/contract/common';
import { CoreError } from '@labelwright/core/model/errors';
import type { Rule, Who } from '../access.ts';
import type { Caller, Context, Member } from '../context.ts';
import { notFound } from '../errors.ts';
import { audit } from '../stores/audit.ts';
import { managesAnything, standingIn } from '../stores/members.ts';

export interface Asked {
  readonly route: string;
  readonly rule: Rule;
  readonly caller: Caller | undefined;
  /** Of the path; undefined where the route is of no project. */
  readonly project: number | undefined;
}

/** @returns the caller, with a role where the route is of a project
 *  @throws CoreError 'login-required', 'forbidden', 'not-found' (the same for a project that is not there and for one that is not theirs), 'archived' */
export async function authorize(context: Context, asked: Asked): Promise<Caller | Member | undefined> {
  const { rule, caller } = asked;
  if (rule.who === 'anyone') return caller;
  if (!caller) throw new CoreError('login-required', 'Sign in first');
  const member = asked.project === undefined ? caller : await memberOf(context, caller, asked.project, rule);
  const lack = (await missing(context, rule.who, member)) ?? missingScope(rule, caller);
  if (lack === undefined) return member;
  await audit(context.db, { action: 'denied', person: caller.person.id, project: asked.project, details: { route: asked.route } });
  throw new CoreError('forbidden', lack);
}

async function memberOf({ db }: Context, caller: Caller, project: number, rule: Rule): Promise<Member> {
  const standing = await standingIn(db, project, caller.person.id);
  const role = caller.person.admin ? 'owner' : standing?.role;
  if (!standing || !role) throw notFound('project');
  if (standing.archived && rule.scope !== 'read' && !rule.whenArchived)
    throw new CoreError('archived', 'The project is archived: restore it first');
  return { ...caller, role };
}

async function missing({ db }: Context, who: Who, caller: Caller | Member): Promise<string | undefined> {
  if (caller.person.admin || who === 'signed-in' || who === 'anyone') return undefined;
  if (who === 'admin') return 'Only an administrator may do this';
  if (who === 'any-manager') return (await managesAnything(db, caller.person.id)) ? undefined : 'Only who manages a project may do this';
  return 'role' in caller && isAtLeast(caller.role, who) ? undefined : `Only a project's ${who} (or a higher role) may do this`;
}

function missingScope({ scope }: Rule, { by }: Caller): string | undefined {
  if (by.kind !== 'token' || scope === 'read' || (scope === 'write' && by.scope === 'write')) return undefined;
  return scope === 'session' ? 'This takes a person who is signed in: an API token will not do' : 'This API token is for reading only';
}

export function isAtLeast(role: Role, least: Role): boolean {
  return roles.indexOf(role) <= roles.indexOf(least);
}
