import { textOf } from '@labelwright/core/model/item';
import { concludeAudit } from '../actions/conclude-audit.ts';
import { importGold, setGold, unsetGold } from '../actions/set-gold.ts';
import { sendToReview } from '../actions/send-to-review.ts';
import { cancelAudit, extendAudit, startAudit } from '../actions/start-audit.ts';
import { planAudit } from '../audit-plan.ts';
import { viewOf } from '../columns/views.ts';
import type { Context } from '../context.ts';
import type { Handlers } from '../handlers.ts';
import { shownItem } from '../present-item.ts';
import { questionIn } from '../project-question.ts';
import { qualityOf, suspectsOf } from '../quality-figures.ts';
import { type AuditRow, auditsOf, certificatesOf, presentAudit } from '../stores/audits.ts';
import { goldEntries } from '../stores/gold.ts';
import { findProject, settingsOf } from '../stores/projects.ts';
import { notFound } from '../errors.ts';

export const qualityHandlers = {
  getQuality: ({ params, query, context }) => qualityOf(context, params.project, query.question),

  listSuspects: ({ params, query, context }) => suspectsOf(context, params.project, query),

  sendToReview: ({ params, body, caller, context }) => sendToReview(context, caller, params.project, body),

  planAudit: ({ params, query: { question, ...terms }, context }) => planAudit(context, params.project, question, terms),

  listAudits: async ({ params, query, context }) => {
    const project = await findProject(context.db, params.project);
    if (!project) throw notFound('project');
    const asked = { project: project.id, question: questionIn(project, query.question).id };
    const rows = await auditsOf(context.db, asked);
    const open = rows.find(({ state }) => state === 'open');
    // A look that a dying process left untaken.
    if (open) await concludeAudit(context, project.id, open.id);
    return presented(context, open ? await auditsOf(context.db, asked) : rows);
  },

  startAudit: async ({ params, body, caller, context }) => one(context, await startAudit(context, caller, params.project, body)),

  extendAudit: async ({ params, body, caller, context }) =>
    one(context, await extendAudit(context, caller, params.project, params.audit, body.size)),

  cancelAudit: async ({ params, caller, context }) => one(context, await cancelAudit(context, caller, params.project, params.audit)),

  listGold: async ({ params, query: { question: id, ...page }, context }) => {
    const { project, view } = await viewOf(context, params.project, id);
    const settings = settingsOf(project);
    const { rows, total } = await goldEntries(context.db, { project: project.id, question: view.question.id }, page);
    const isFirst = project.schema.questions[0]?.id === view.question.id;
    return {
      rows: rows.map(({ ordinal, id: item, fields, labels, person, created_at }) => {
        const { machine, sets } = view;
        const known = view.hasEstimate(ordinal) ? machine : null;
        const answer = known && sets.labelsOf(known.answer[ordinal]);
        return {
          ordinal,
          id: item,
          text: textOf(shownItem({ ordinal, id: item, fields }, settings)).slice(0, 300),
          labels: labels && [...labels],
          machine: answer ? [...answer] : null,
          probability: known ? known.probability[ordinal] : null,
          person,
          createdAt: created_at.toISOString(),
        };
      }),
      total,
      field: isFirst ? (settings.goldField ?? null) : null,
      fromField: null,
    };
  },

  setGold: async ({ params, body, caller, context }) => {
    await setGold(context, caller, params.project, { ...body, ordinal: params.ordinal });
    return { ok: true };
  },

  unsetGold: async ({ params, query, caller, context }) => {
    await unsetGold(context, caller, params.project, { ...query, ordinal: params.ordinal });
    return { ok: true };
  },

  importGold: ({ params, body, caller, context }) => importGold(context, caller, params.project, body),
} satisfies Partial<Handlers>;

async function presented({ db }: Context, rows: readonly AuditRow[]) {
  const certificates = await certificatesOf(
    db,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => presentAudit(row, certificates.get(row.id)));
}

async function one(context: Context, row: AuditRow) {
  const [audit] = await presented(context, [row]);
  return audit;
}
