import type { Overview } from '@labelwright/contract/projects';
import { askedTechnique } from '@labelwright/engine/project/asked';
import { wilson } from '@labelwright/core/math/statistics';
import { viewOf, type Viewed } from './columns/views.ts';
import type { Context } from './context.ts';
import { acceptedPool, auditSizes } from './audit-plan.ts';
import { nextStep, type Standing } from './next-step.ts';
import { type AuditRow, auditsOf, presentCertificate, validCertificate } from './stores/audits.ts';
import { labelersOf, type LabelerRow, type LabelerStatistics } from './stores/labelers.ts';
import { askedSince } from './stores/llm-answers.ts';
import { settingsOf } from './stores/projects.ts';
import { spentBy } from './stores/spending.ts';
import {
  agreementWith,
  detailsOf,
  findRun,
  type RanLabeler,
  type RunDetails,
  type RunResult,
  type RunRow,
  runUnderWay,
  settingsKey,
} from './stores/runs.ts';
import { answersSince, laborOn } from './stores/spend.ts';

const bins = 20;

/** The funnel, the spend and what to do next. @throws CoreError 'not-found', 'unknown-question' */
export async function overviewOf(context: Context, id: number, asked: string | undefined): Promise<Overview> {
  const { db } = context;
  const viewed = await viewOf(context, id, asked);
  const { project, view } = viewed;
  const question = { project: id, question: view.question.id };
  const [labor, all, underWay, audits, certificate, spent, run, details] = await Promise.all([
    laborOn(db, question),
    labelersOf(db, id),
    runUnderWay(db, id),
    auditsOf(db, question, 1),
    validCertificate(db, question),
    spentBy(db, id),
    project.current_run === null ? undefined : findRun(db, id, project.current_run),
    project.current_run === null ? undefined : detailsOf(db, project.current_run),
  ]);
  const [lastAudit] = audits as readonly (AuditRow | undefined)[];
  const settings = settingsOf(project);
  const labelers = all.filter((labeler) => labeler.question === view.question.id);
  const result = (run?.results as RunResult[] | undefined)?.find((each) => each.question === view.question.id);
  const found = details?.questions?.[view.question.id];
  const since = details?.peopleReadAt;
  const models = all.filter(({ enabled, use }) => enabled && askedTechnique(use));
  const hasNewAnswers =
    since !== undefined &&
    (await askedSince(
      db,
      models.map((labeler) => labeler.id),
      since,
    ));
  const isStale =
    run !== undefined &&
    (hasNewAnswers || isOutdated(run, { labelers: all, items: project.items, details, settings: settingsKey(settings) }));
  const [agreement, newAnswers] = await Promise.all([
    run && since !== undefined ? agreementWith(db, { ...question, run: run.id }, since) : { agreed: 0, n: 0 },
    since === undefined
      ? 0
      : answersSince(db, question, since, certificate !== undefined || lastAudit?.state === 'open' || lastAudit?.state === 'not-certified'),
  ]);
  const agreed = agreement.agreed + (found?.agreement.agreed ?? 0);
  const compared = agreement.n + (found?.agreement.n ?? 0);
  const accepted = result?.accepted ?? 0;

  return {
    question: view.question.id,
    items: project.items,
    covered: result?.covered ?? 0,
    conflicting: result?.conflicting ?? 0,
    accepted,
    waiting: view.open,
    reviewed: labor.reviewed,
    flagged: labor.flagged,
    expectedError: result?.expectedError ?? 0,
    certified: certificate !== undefined,
    certificate: certificate ? presentCertificate(certificate) : null,
    audit: lastAudit ? presentLast(lastAudit) : null,
    secondsPerItem: labor.secondsPerItem,
    spend: {
      personSeconds: labor.seconds,
      personUsd: (labor.seconds / 3600) * settings.wageUsdPerHour,
      machineUsd: labelers.reduce((sum, labeler) => sum + costOf(labeler), 0) + [...spent.values()].reduce((sum, usd) => sum + usd, 0),
    },
    peopleAgreeWithMachine: compared > 0 ? wilson(agreed, compared) : null,
    gold: result?.gold ?? null,
    confidence: found
      ? { accepted: [...found.confidence.accepted], waiting: [...found.confidence.waiting] }
      : { accepted: Array.from({ length: bins }, () => 0), waiting: Array.from({ length: bins }, () => 0) },
    labels: found?.labels.map(({ label, answered, share }) => ({ label, answered, share })) ?? [],
    next: nextStep({
      items: project.items,
      labelers: labelers.filter(({ enabled }) => enabled).length,
      answers: labor.reviewed,
      run: underWay ? 'under-way' : !run ? 'none' : isStale ? 'stale' : 'fresh',
      accepted,
      waiting: view.open,
      flagged: labor.flagged,
      newAnswers,
      secondsPerItem: labor.secondsPerItem,
      audit: auditStanding(viewed, lastAudit, certificate !== undefined),
    }),
    warnings: result?.warnings ?? [],
    run: run ? { id: run.id, number: run.number, finishedAt: run.finished_at?.toISOString() ?? null, stale: isStale } : null,
  };
}

function presentLast({ id, number, state, answered, drawn, reason }: AuditRow): NonNullable<Overview['audit']> {
  return { id, number, state, answered, drawn, reason };
}

/** What an audit would take, or what is left of the one under way. */
function auditStanding(viewed: Viewed, last: AuditRow | undefined, certified: boolean): Standing['audit'] {
  if (last?.state === 'open') return { kind: 'open', left: last.drawn - last.answered };
  if (certified) return { kind: 'certified' };
  if (last?.state === 'not-certified') {
    const more = last.looks.at(-1)?.moreAudits ?? null;
    return more === null || last.planned_looks !== null ? { kind: 'hopeless' } : { kind: 'short', more };
  }
  const pool = acceptedPool(viewed.view);
  const { recommended, targetError } = auditSizes(viewed, pool, {}, 0);
  return { kind: 'none', wanted: recommended, pool: pool.ordinals.length, targetError };
}

interface Present {
  readonly labelers: readonly LabelerRow[];
  readonly items: number;
  readonly details: RunDetails | undefined;
  readonly settings: string;
}

/** Whether a run now would have other labelers, other items or other settings. */
function isOutdated(run: RunRow, { labelers, items, details, settings }: Present): boolean {
  const now = labelers.filter(({ enabled }) => enabled).map(({ id, version }) => `${id} ${version}`);
  const then = (run.labelers as RanLabeler[]).map(({ id, version }) => `${id} ${version}`);
  const known = new Set(then);
  if (now.length !== then.length || !now.every((each) => known.has(each))) return true;
  return run.total !== items || (details?.settings !== undefined && details.settings !== settings);
}

/** A labeler is paid by the vote; what language models cost is in the ledger. */
function costOf({ use, cost_usd, statistics }: LabelerRow): number {
  if (askedTechnique(use)) return 0;
  return cost_usd * ((statistics as LabelerStatistics | null)?.voted ?? 0);
}
