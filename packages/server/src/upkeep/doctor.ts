import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../context.ts';
import { atOneMoment, exportPath } from '../exporting/make-export.ts';
import { overfilled, presentOf } from '../stores/answers.ts';
import { verifyAudit } from '../stores/audit.ts';
import { countsOf } from '../stores/item-states.ts';

export interface Finding {
  /** I1–I9 of the reliability paper, or a name. */
  readonly check: string;
  /** What should hold. */
  readonly title: string;
  readonly violations: number;
  /** The first of them. */
  readonly examples: readonly string[];
}

const shown = 5;

/** Whether what is stored is what was promised: one finding per check. Changes nothing, and looks at one moment. */
export function examine(db: Db, dataDirectory: string): Promise<Finding[]> {
  return atOneMoment(db, (transaction) => examineIn(transaction, dataDirectory));
}

/** The same, as a transaction sees it. */
export async function examineIn(db: Db, dataDirectory: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { check, title, query } of checks) findings.push(await bySql(db, check, title, query));
  return [...findings, await exportedFiles(db, dataDirectory), await auditChain(db)];
}

interface Check {
  readonly check: string;
  readonly title: string;
  /** A query of one text column, `violation`. */
  readonly query: RawBuilder<unknown>;
}

const everywhere = sql`true`;
const item = sql`'project ' || project_id || ', item ' || ordinal || ', question ' || question`;

const checks: readonly Check[] = [
  {
    check: 'I1',
    title: 'every confirmed action is stored exactly once',
    query: sql`
      select 'action ' || a.action || ' has no answer' as violation from actions a
        where a.kind = 'submit' and not exists (select from answers w where w.action = a.action)
      union all select 'action ' || a.action || ' answered ' || (a.result ->> 'answered') || ' items, the history has ' || count(w.action)
        from actions a left join answers w on w.bulk = a.action where a.kind = 'bulk' group by a.action, a.result
        having count(w.action) <> coalesce((a.result ->> 'answered')::int, 0)
      union all select 'answer ' || w.action || ' is of no action' from answers w
        where not exists (select from actions a where a.action = coalesce(w.bulk, w.action))`,
  },
  {
    check: 'I2',
    title: 'no more people answer an item than were to, but for those who may review',
    query: sql`select ${item} as violation from (${overfilled(everywhere)}) o`,
  },
  {
    check: 'I3',
    title: 'no more people hold an item than may answer it, and nobody who is gone',
    query: sql`
      select ${item} || ': ' || count(*) || ' leases' as violation from leases join projects p on p.id = project_id where until > now()
        group by project_id, ordinal, question, p.settings having count(*) > coalesce((p.settings ->> 'overlap')::int, 1)
      union all select ${item} || ': held by a disabled account' from leases join people p on p.id = person_id
        where until > now() and p.disabled_at is not null`,
  },
  {
    check: 'I4',
    title: 'an id occurs once in a project',
    query: sql`select 'project ' || project_id || ', id ' || id as violation from items group by project_id, id having count(*) > 1`,
  },
  {
    check: 'I5',
    title: 'counters say what there is',
    query: sql`
      select 'project ' || p.id || ' counts ' || p.items || ' items, has ' || c.items || ' up to ordinal ' || c.last as violation
        from projects p cross join lateral (select count(*)::int as items, coalesce(max(ordinal), -1) as last from items where project_id = p.id) c
        where p.items <> c.items or p.items <> c.last + 1
      union all select ${itemOf('s')} || ': answered ' || s.answered || ', flagged ' || s.flagged
        from item_states s join (${countsOf(sql`select project_id, question, ordinal from item_states`)}) c
          on c.project_id = s.project_id and c.question = s.question and c.ordinal = s.ordinal
        where c.answered <> s.answered or c.flagged <> s.flagged`,
  },
  {
    check: 'present',
    title: 'what people say at present is the last that they did not take back',
    query: sql`
      select ${itemOf('coalesce(c.project_id, h.project_id)', 'coalesce(c.ordinal, h.ordinal)', 'coalesce(c.question, h.question)')} as violation
      from current_answers c full join (${presentOf(everywhere)}) h
        on h.project_id = c.project_id and h.question = c.question and h.ordinal = c.ordinal and h.person_id = c.person_id
      where c.action is distinct from h.action`,
  },
  {
    check: 'I7',
    title: 'answers give labels that the question has',
    query: sql`
      select ${itemOf('a')} || ': ' || l.label as violation
      from current_answers a join projects p on p.id = a.project_id cross join lateral jsonb_array_elements_text(a.labels) as l (label)
      where jsonb_typeof(a.labels) = 'array' and not exists (select from jsonb_array_elements(p.schema -> 'questions') as q,
        jsonb_array_elements(q -> 'labels') as k where q ->> 'id' = a.question and k ->> 'id' = l.label)`,
  },
  {
    check: 'I8',
    title: 'nothing claims to run that has been silent for ten minutes',
    query: sql`
      select 'import ' || id as violation from imports where state = 'running' and coalesce(heartbeat_at, created_at) < now() - interval '10 minutes'
      union all select 'run ' || id from runs where state = 'running' and coalesce(heartbeat_at, created_at) < now() - interval '10 minutes'
      union all select 'asking ' || id from askings where state = 'running' and coalesce(heartbeat_at, created_at) < now() - interval '10 minutes'`,
  },
  {
    check: 'I9',
    title: 'the history of an item has no gaps',
    query: sql`
      select ${itemOf('s')} || ': version ' || s.version || ', history ' || coalesce(a.entries, 0) || ' up to ' || coalesce(a.last, 0) as violation
      from item_states s left join (select project_id, question, ordinal, count(*) as entries, max(version) as last from answers group by 1, 2, 3) a
        on a.project_id = s.project_id and a.question = s.question and a.ordinal = s.ordinal
      where s.version <> coalesce(a.entries, 0) or s.version <> coalesce(a.last, 0)`,
  },
  {
    check: 'columns',
    title: 'columns of answers have the length that they say',
    query: sql`
      select 'labeler ' || labeler_id || ' version ' || version || ', chunk ' || chunk as violation from answer_chunks
      where octet_length(codes) <> items * 2 or octet_length(confidences) <> items * 4 or items > 65536`,
  },
  {
    check: 'certificates',
    title: 'a certificate that holds is of the labels that the project shows, and of findings that are there',
    query: sql`
      select 'project ' || c.project_id || ', certificate ' || c.id as violation from certificates c
      join audits a on a.id = c.audit_id join projects p on p.id = c.project_id
      where c.state = 'valid' and (a.state <> 'certified' or a.held_run is distinct from p.current_run
        or (select count(*) from audit_items i where i.audit_id = a.id and i.place < a.looked and i.outcome is null) > 0)`,
  },
  {
    check: 'ledger',
    title: 'accounts of language models are the sums of their calls, and no bill is higher than was reserved for it',
    query: sql`
      select 'project ' || coalesce(a.project_id, c.project_id) || ', labeler ' || coalesce(a.labeler_id, c.labeler_id) as violation
      from llm_accounts a full join (select project_id, labeler_id, coalesce(sum(usd), 0) as settled,
          coalesce(sum(highest_usd) filter (where settled_at is null), 0) as open from llm_calls group by 1, 2) c
        on c.project_id = a.project_id and c.labeler_id = a.labeler_id
      where abs(coalesce(a.settled_usd, 0) - coalesce(c.settled, 0)) > 1e-6 or abs(coalesce(a.open_usd, 0) - coalesce(c.open, 0)) > 1e-6
      union all select 'call ' || id || ': $ ' || usd || ', reserved $ ' || highest_usd from llm_calls where usd < 0 or usd > highest_usd + 1e-9`,
  },
  {
    check: 'asked',
    title: 'answers of language models are of labelers of their project, in versions that there are',
    query: sql`
      select 'labeler ' || a.labeler_id || ' version ' || a.version || ', item ' || a.ordinal as violation from llm_answers a
        join labelers l on l.id = a.labeler_id join askings k on k.id = a.asking_id
        where a.version > l.version or k.labeler_id <> a.labeler_id or k.version <> a.version
          or not exists (select from items i where i.project_id = l.project_id and i.ordinal = a.ordinal)
      union all select 'account of labeler ' || a.labeler_id from llm_accounts a where a.labeler_id <> 0
        and not exists (select from labelers l where l.id = a.labeler_id and l.project_id = a.project_id)`,
  },
  {
    check: 'estimates',
    title: 'the estimates of the run that a project shows are there',
    query: sql`
      select 'project ' || p.id || ', run ' || p.current_run as violation from projects p
      where p.current_run is not null and not exists (select from pg_inherits i where i.inhrelid = to_regclass('estimates_' || p.current_run)
        and i.inhparent = 'estimates'::regclass)`,
  },
];

/** The place of a row, in words: of an alias, or of three expressions. */
function itemOf(alias: string, ordinal = `${alias}.ordinal`, question = `${alias}.question`): RawBuilder<unknown> {
  const project = ordinal === `${alias}.ordinal` ? `${alias}.project_id` : alias;
  return sql.raw(`'project ' || ${project} || ', item ' || ${ordinal} || ', question ' || ${question}`);
}

async function bySql(db: Db, check: string, title: string, query: RawBuilder<unknown>): Promise<Finding> {
  const { rows } = await sql<{ violations: number; examples: string[] | null }>`
    select count(*)::int as violations, (array_agg(violation) filter (where place <= ${shown})) as examples
    from (select violation, row_number() over () as place from (${query}) v) n`.execute(db);
  return { check, title, violations: rows[0].violations, examples: rows[0].examples ?? [] };
}

async function exportedFiles(db: Db, dataDirectory: string): Promise<Finding> {
  const rows = await db
    .selectFrom('exports')
    .select(['id', 'number', 'project_id', 'sha256'])
    .where('state', '=', 'done')
    .orderBy('id')
    .execute();
  const wrong: string[] = [];
  for (const { id, number, project_id, sha256 } of rows) {
    const found = await hashOf(exportPath(dataDirectory, id)).catch(() => 'gone');
    if (found !== sha256)
      wrong.push(`project ${project_id}, export ${number}: ${found === 'gone' ? 'the file is gone' : 'the file is another'}`);
  }
  return { check: 'I6', title: 'files of exports are there, as they were made', violations: wrong.length, examples: wrong.slice(0, shown) };
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function auditChain(db: Db): Promise<Finding> {
  const { brokenAt } = await verifyAudit(db);
  const examples = brokenAt === null ? [] : [`entry ${brokenAt}`];
  return { check: 'audit', title: 'the audit log is whole', violations: examples.length, examples };
}
