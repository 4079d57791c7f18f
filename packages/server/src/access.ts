import type { Role } from '@labelwright/contract/common';
import type { RouteName } from '@labelwright/contract/api';

/** Who may call a route: anyone at all · anyone signed in · who manages some project · an administrator · who has this role, or a higher one,
 *  in the project of the path. To everybody else a project does not exist (404). Administrators own every project. */
export type Who = 'anyone' | 'signed-in' | 'any-manager' | 'admin' | Role;

/** What an API token must be good for. `session`: no token at all, so that a stolen one cannot make itself at home. */
export type Scope = 'read' | 'write' | 'session';

export interface Rule {
  readonly who: Who;
  readonly scope: Scope;
  /** How many calls it counts as against the limit of calls a minute. */
  readonly cost: number;
  /** A change that an archived project still takes. */
  readonly whenArchived?: true;
  /** Who calls it has no session yet that could carry a CSRF token; the origin of the request is checked all the same. */
  readonly opensSession?: true;
}

/** The one table of access: a route that is not here does not compile. */
export const access = {
  health: read('anyone', 0),
  ready: read('anyone', 0),
  openapi: read('anyone'),
  events: read('viewer'),

  getSession: read('anyone'),
  login: { ...inPerson('anyone'), opensSession: true },
  logout: inPerson('anyone'),
  setup: { ...inPerson('anyone'), opensSession: true },
  changePassword: inPerson('signed-in'),
  listPeople: read('any-manager'),
  createPerson: inPerson('admin'),
  updatePerson: inPerson('admin'),
  listMembers: read('viewer'),
  setMember: inPerson('manager'),
  listTokens: inPerson('signed-in'),
  createToken: inPerson('signed-in'),
  deleteToken: inPerson('signed-in'),
  listAudit: inPerson('admin'),

  listProjects: read('signed-in'),
  createProject: write('signed-in', 5),
  getProject: read('viewer'),
  updateProject: write('manager'),
  archiveProject: write('owner'),
  restoreProject: { ...write('owner'), whenArchived: true },
  getOverview: read('viewer'),

  createImport: write('manager', 5),
  uploadChunk: write('manager'),
  previewImport: read('manager'),
  startImport: write('manager', 5),
  getImport: read('manager'),
  cancelImport: write('manager'),
  listImports: read('manager'),

  queryItems: read('reviewer'),
  getItem: read('annotator'),
  bulkAnswer: write('reviewer', 5),
  addComment: write('annotator'),

  listTechniques: read('signed-in'),
  listLabelers: read('reviewer'),
  createLabeler: write('manager'),
  updateLabeler: write('manager'),
  deleteLabeler: write('manager'),
  restoreLabeler: write('manager'),
  listVersions: read('reviewer'),
  previewLabeler: read('manager'),
  suggestRules: read('manager', 5),

  startRun: write('manager', 10),
  listRuns: read('viewer'),
  getRun: read('viewer'),
  cancelRun: write('manager'),
  compareRuns: read('reviewer'),

  nextItems: write('annotator'),
  release: write('annotator'),
  submitAnswer: write('annotator'),
  undoAnswer: write('annotator'),
  myAnswers: read('annotator'),

  previewExport: read('reviewer', 10),
  createExport: write('reviewer', 50),
  listExports: read('reviewer'),
  downloadExport: read('reviewer', 10),

  getQuality: read('reviewer', 5),
  listSuspects: read('reviewer', 5),
  sendToReview: write('reviewer'),
  planAudit: read('reviewer'),
  listAudits: read('annotator'),
  startAudit: write('manager', 10),
  extendAudit: write('manager', 10),
  cancelAudit: write('manager'),
  listGold: read('reviewer'),
  setGold: write('manager'),
  unsetGold: write('manager'),
  importGold: write('manager', 10),

  // Keys, addresses and budgets take a person: a stolen token must not send keys elsewhere, reach into the network, or lift a limit.
  listConnections: read('manager'),
  createConnection: inPerson('manager'),
  updateConnection: inPerson('manager'),
  deleteConnection: inPerson('manager'),
  testConnection: write('manager', 5),
  previewPrompt: write('manager', 5),
  estimateAsking: read('manager', 5),
  startAsking: write('manager', 10),
  listAskings: read('reviewer'),
  pauseAsking: write('manager'),
  resumeAsking: write('manager', 10),
  cancelAsking: write('manager'),
  getSpending: read('reviewer'),
  setSpendingLimits: inPerson('manager'),
  getConfidence: read('reviewer', 5),
  compareLabelers: read('reviewer', 5),
  improvePrompt: write('manager', 20),
  secondOpinions: write('manager', 20),
  draftGuidelines: write('manager', 20),
  makeItems: write('manager', 20),
  keepMadeItems: write('manager', 5),
  getSlices: read('reviewer', 5),
} as const satisfies Readonly<Record<RouteName, Rule>>;

export type AccessTable = typeof access;

function read<const W extends Who>(who: W, cost = 1): Rule & { readonly who: W } {
  return { who, scope: 'read', cost };
}

function write<const W extends Who>(who: W, cost = 1): Rule & { readonly who: W } {
  return { who, scope: 'write', cost };
}

function inPerson<const W extends Who>(who: W, cost = 1): Rule & { readonly who: W } {
  return { who, scope: 'session', cost };
}
