import { z } from 'zod';

const labelName = z.string().trim().min(1).max(200);

export const label = z.object({
  id: labelName,
  title: z.string().max(200).optional(),
  description: z.string().max(4000).optional(),
  parent: labelName.optional(),
  color: z.string().max(80).optional(),
  hotkey: z.string().length(1).optional(),
});

export const question = z.object({
  kind: z.literal('choice'),
  id: labelName,
  title: z.string().max(500),
  part: z.string().optional(),
  labels: z.array(label).min(1).max(1000),
  multiple: z.boolean(),
});

/** The wire form of core's Schema; `checkSchema` of core says the rest (unknown parents, loops, labels twice). */
export const schema = z.object({ questions: z.array(question).min(1).max(20), guidelines: z.string().max(200_000).optional() });
export type SchemaJson = z.infer<typeof schema>;
