import { createSampleProject, wantsSample } from '../actions/create-sample-project.ts';
import type { Context } from '../context.ts';
import { addJob } from './add-job.ts';
import type { JobHandlers } from './job-list.ts';

export const sampleJobs = {
  sample: async ({ context, signal }) => void (await createSampleProject(context, signal)),
} satisfies Partial<JobHandlers>;

/** At the start of a server on an empty database: the sample project, in the background. */
export async function offerSample(context: Context): Promise<void> {
  if (await wantsSample(context)) await addJob(context.db, 'sample', {}, 'sample');
}
