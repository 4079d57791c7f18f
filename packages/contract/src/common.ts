import { z } from 'zod';

/** Who may do what; each role may do all that the ones after it may. */
export const roles = ['owner', 'manager', 'reviewer', 'annotator', 'viewer'] as const;
export const role = z.enum(roles);
export type Role = z.infer<typeof role>;

/** In paths and queries, where everything arrives as text. The database's integers end there. */
export const id = z.coerce.number().int().positive().max(2_147_483_647);
export const projectId = id;
export const ordinal = z.coerce.number().int().min(0).max(2_147_483_647).describe("the item's position in the project, 0-based");
export const projectParams = z.object({ project: projectId });
export const time = z.iso.datetime().describe('UTC, ISO 8601');
export const name = z.string().trim().min(1).max(200);
export const json: z.ZodType = z.json();
export const version = z.int().min(1).describe('the version that the caller saw; another one on the server means 409');
/** Made by the browser, once per action: the same key twice is the same action once. */
export const actionId = z.uuid();

export const interval = z
  .object({ estimate: z.number(), low: z.number(), high: z.number(), n: z.int() })
  .describe('a share with its 95 % interval');

/** The header that proves that a change comes from our own page: the `csrf` of the session. Not needed with an API token. */
export const csrfHeader = 'x-csrf-token';

/** Every fault of every route. `code` is stable; `message` is for people; `details` help a program. */
export const apiError = z.object({
  code: z.string(),
  message: z.string(),
  requestId: z.string(),
  details: z.record(z.string(), json).optional(),
});
export type ApiError = z.infer<typeof apiError>;

export const problem = z.object({ file: z.string().optional(), line: z.int().optional(), key: z.string().optional(), message: z.string() });
export const done = z.object({ ok: z.literal(true) });
