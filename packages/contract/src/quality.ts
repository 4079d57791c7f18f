import { z } from 'zod';
import { actionId, done, id, interval, ordinal, problem, projectParams, time } from './common.ts';
import { routes } from './route.ts';

const auditParams = projectParams.extend({ audit: id });
const share = z.number().gt(0).lt(1);
const asking = z.object({ question: z.string().optional() });
const plannedLooks = z.coerce.number().int().min(1).max(10);

/** What an audit found at one look: the sample so far, whole. */
export const auditLook = z.object({
  look: z.int(),
  audited: z.int(),
  wrong: z.int().describe('labels that people contradicted, or could not confirm'),
  unclear: z.int().describe('of these, flagged: people could not tell'),
  riskSpent: z.number(),
  certified: z.boolean(),
  text: z.string(),
  accuracy: interval.describe('of all audited labels, exact for the finite pool'),
  moreAudits: z.int().nullable().describe('so many more would probably prove it; null where none would, or none are needed'),
  time,
});

/** "Of 8,214 accepted labels at most 2.0 % are wrong, with 95 % confidence, 312 audited": about the labels of one run. */
export const certificate = z.object({
  id: z.int(),
  state: z.enum(['valid', 'void']),
  reason: z.string().nullable().describe('why it holds no more'),
  text: z.string(),
  run: z.object({ id: z.int(), number: z.int() }),
  accepted: z.int().describe('labels that it speaks of'),
  pool: z.int().describe('labels that the machine had accepted'),
  threshold: z.number().describe('it speaks of those with at least this probability'),
  audited: z.int().describe('of these labels'),
  wrong: z.int(),
  bound: z.number().describe('at most this share is wrong'),
  confidence: z.number(),
  look: z.int(),
  riskSpent: z.number(),
  method: z.string(),
  seed: z.int(),
  createdAt: time,
  voidedAt: time.nullable(),
});
export type Certificate = z.infer<typeof certificate>;

export const audit = z.object({
  id: z.int(),
  number: z.int().describe('1, 2, 3 … within the project'),
  question: z.string(),
  state: z.enum(['open', 'certified', 'not-certified', 'void', 'cancelled']),
  reason: z.string().nullable(),
  run: z.object({ id: z.int(), number: z.int() }),
  person: z.string(),
  pool: z.int().describe('accepted labels that nobody had answered, from which the sample is drawn'),
  drawn: z.int().describe('items of the sample'),
  answered: z.int(),
  targetError: z.number(),
  confidence: z.number(),
  plannedLooks: z.int().nullable(),
  nextLookAt: z.int().nullable().describe('so many answered, and the next look is taken'),
  method: z.string(),
  seed: z.int().describe('of the random draw, so that it can be repeated'),
  looks: z.array(auditLook),
  certificate: certificate.nullable(),
  createdAt: time,
  closedAt: time.nullable(),
});
export type Audit = z.infer<typeof audit>;

export const auditPlan = z.object({
  run: z.int().nullable(),
  pool: z.int(),
  targetError: z.number(),
  confidence: z.number(),
  expectedError: z.number().describe("of the pool, by the machine's own account"),
  minimum: z.int().describe('the fewest audits that prove it, if not one label among them is wrong'),
  recommended: z.int().describe('will probably (80 %) prove something'),
  secondsPerItem: z.number().nullable(),
  blocked: z.string().nullable().describe('why no audit can be started now'),
});
export type AuditPlan = z.infer<typeof auditPlan>;

export const agreement = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('measured'), value: z.number(), low: z.number(), high: z.number(), overlaps: z.number() }),
  z.object({ kind: z.literal('undefined'), reason: z.string(), overlaps: z.number() }),
  z.object({ kind: z.literal('too-few'), overlaps: z.number(), needed: z.number() }),
]);
export type AgreementFigure = z.infer<typeof agreement>;

const reliability = z.object({
  n: z.int(),
  bins: z.array(
    z.object({ from: z.number(), to: z.number(), count: z.int(), meanProbability: z.number(), accuracy: z.number(), interval }),
  ),
  accuracy: z.number(),
  meanProbability: z.number(),
  expectedCalibrationError: z.number(),
  brier: z.number(),
});
export type ReliabilityFigure = z.infer<typeof reliability>;

const comparison = z.object({
  n: z.int(),
  accuracy: interval,
  /** k×k row-major, rows = what is true, columns = what the machine says; null where several labels may hold or there are too many. */
  matrix: z.array(z.int()).nullable(),
  confused: z.array(z.object({ truth: z.string(), said: z.string(), count: z.int() })).describe('most frequent first'),
  reliability,
});
export type TruthComparison = z.infer<typeof comparison>;

export const quality = z.object({
  question: z.string(),
  labels: z.array(z.string()),
  run: z.object({ id: z.int(), number: z.int() }).nullable(),
  people: z.object({
    answers: z.int(),
    items: z.int(),
    overlaps: z.int().describe('items that at least two people answered'),
    measures: z.object({ percent: agreement, alpha: agreement, ac1: agreement }),
    persons: z.array(
      z.object({
        id: z.int(),
        name: z.string(),
        answers: z.int(),
        secondsPerItem: z.number().nullable(),
        withRest: agreement,
        gold: interval.nullable(),
      }),
    ),
    pairs: z.array(z.object({ a: z.string(), b: z.string(), overlaps: z.int(), percent: agreement, kappa: agreement })),
  }),
  /** Of the items that people answered, how often the machine had said the same before. */
  peopleAgreeWithMachine: interval.nullable(),
  labelers: z.array(
    z.object({ id: z.int(), name: z.string(), use: z.string(), gold: interval.nullable(), people: interval.nullable(), voted: z.int() }),
  ),
  /** The posterior against trusted labels, which it never saw, and against what people say, estimated without them. */
  gold: comparison.nullable(),
  held: comparison.nullable(),
  goldItems: z.int(),
  suspects: z.int(),
});
export type Quality = z.infer<typeof quality>;

export const suspect = z.object({
  ordinal: z.int(),
  id: z.string(),
  text: z.string(),
  people: z.array(z.string()),
  said: z.array(z.string()),
  machine: z.array(z.string()),
  peopleProbability: z.number().describe('of what people say, by labelers that did not know it'),
  machineProbability: z.number(),
  flagged: z.boolean(),
});
export type Suspect = z.infer<typeof suspect>;

export const goldRow = z.object({
  ordinal: z.int(),
  id: z.string(),
  text: z.string(),
  labels: z.array(z.string()).nullable().describe('null: taken away, whatever the field says'),
  machine: z.array(z.string()).nullable(),
  probability: z.number().nullable(),
  person: z.string(),
  createdAt: time,
});
export type GoldRow = z.infer<typeof goldRow>;

export const qualityRoutes = routes({
  getQuality: {
    method: 'GET',
    path: '/api/projects/:project/quality',
    summary: 'Agreement, reliability and calibration, with intervals',
    params: projectParams,
    query: asking,
    reply: quality,
  },
  listSuspects: {
    method: 'GET',
    path: '/api/projects/:project/quality/suspects',
    summary: 'Answers of people that are probably wrong, the most suspicious first',
    params: projectParams,
    query: asking.extend({ limit: z.coerce.number().int().min(1).max(500).default(100) }),
    reply: z.object({ rows: z.array(suspect), total: z.int(), judged: z.int() }),
  },
  sendToReview: {
    method: 'POST',
    path: '/api/projects/:project/quality/review',
    summary: 'Flags items for somebody who may review; one action with one undo',
    params: projectParams,
    body: asking.extend({ action: actionId, ordinals: z.array(ordinal).min(1).max(500), note: z.string().max(1000).optional() }),
    reply: z.object({ action: z.string(), flagged: z.int() }),
  },
  planAudit: {
    method: 'GET',
    path: '/api/projects/:project/audits/plan',
    summary: 'How many audits a promise takes',
    params: projectParams,
    query: asking.extend({
      targetError: z.coerce.number().gt(0).lt(1).optional(),
      confidence: z.coerce.number().gt(0).lt(1).optional(),
      plannedLooks: plannedLooks.optional(),
    }),
    reply: auditPlan,
  },
  listAudits: {
    method: 'GET',
    path: '/api/projects/:project/audits',
    summary: 'Audits with their certificates, newest first',
    params: projectParams,
    query: asking,
    reply: z.array(audit),
  },
  startAudit: {
    method: 'POST',
    path: '/api/projects/:project/audits',
    summary: 'Draws a random sample of the accepted labels, to be checked blind',
    params: projectParams,
    body: asking.extend({
      size: z.int().min(1).max(100_000),
      targetError: share.optional().describe("default: the project's"),
      confidence: share.optional().describe("default: the project's"),
      plannedLooks: plannedLooks.optional().describe('looks fixed in advance, at equal parts of the sample and of the risk'),
    }),
    reply: audit,
  },
  extendAudit: {
    method: 'POST',
    path: '/api/projects/:project/audits/:audit/extend',
    summary: 'Draws more items into the sample of an audit that proved nothing yet',
    params: auditParams,
    body: z.object({ size: z.int().min(1).max(100_000) }),
    reply: audit,
  },
  cancelAudit: {
    method: 'POST',
    path: '/api/projects/:project/audits/:audit/cancel',
    summary: 'Ends an audit without a look; its answers stay',
    params: auditParams,
    reply: audit,
  },
  listGold: {
    method: 'GET',
    path: '/api/projects/:project/gold',
    summary: 'Trusted labels that people set here, newest first; they win over the gold field',
    params: projectParams,
    query: asking.extend({
      offset: z.coerce.number().int().min(0).default(0),
      limit: z.coerce.number().int().min(1).max(500).default(100),
    }),
    reply: z.object({ rows: z.array(goldRow), total: z.int(), field: z.string().nullable(), fromField: z.int().nullable() }),
  },
  setGold: {
    method: 'PUT',
    path: '/api/projects/:project/gold/:ordinal',
    summary: 'Sets the trusted label of an item, or takes it away',
    params: projectParams.extend({ ordinal }),
    body: asking.extend({
      labels: z.array(z.string()).nullable().describe('null: the item has no gold'),
    }),
    reply: done,
  },
  unsetGold: {
    method: 'DELETE',
    path: '/api/projects/:project/gold/:ordinal',
    summary: 'Forgets what was set: the gold field holds again',
    params: projectParams.extend({ ordinal }),
    query: asking,
    reply: done,
  },
  importGold: {
    method: 'POST',
    path: '/api/projects/:project/gold/import',
    summary: 'Trusted labels from a CSV `item,label` (several labels: `a|b`) or JSON Lines with these keys',
    params: projectParams,
    body: asking.extend({ fileName: z.string().max(500).default('gold.csv'), content: z.string().max(4_000_000) }),
    reply: z.object({ set: z.int(), unknownItems: z.int(), problems: z.array(problem), problemCount: z.int() }),
  },
});
