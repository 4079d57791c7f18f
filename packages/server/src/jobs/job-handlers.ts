import { askJobs } from './ask.ts';
import { exportJobs } from './export.ts';
import { importJobs } from './import.ts';
import type { JobHandlers } from './job-list.ts';
import { runJobs } from './run.ts';
import { sampleJobs } from './sample.ts';

/** All of the background work that there is: a file of `jobs/` a noun. */
export const jobHandlers: Partial<JobHandlers> = { ...askJobs, ...exportJobs, ...importJobs, ...runJobs, ...sampleJobs };
