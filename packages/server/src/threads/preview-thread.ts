import { workerData } from 'node:worker_threads';
import { checkDefinition, type Definition, previewLabeler } from './preview-labeler.ts';
import { SampleCache } from './project-sample.ts';
import { serveLive } from './serve-live.ts';
import { suggestRules } from './suggest-rules.ts';
import { openThreadDatabase, type Whereabouts } from './thread-database.ts';

const { where } = workerData as { readonly where: Whereabouts };
const samples = new SampleCache(openThreadDatabase(where, 'labelwright preview'));

interface About {
  readonly project: number;
  readonly question?: string | undefined;
}

serveLive({
  /** So that what follows finds the sample in memory, and has its time for itself. */
  load: async ({ project, question }: About) => {
    const sample = await samples.get(project);
    const asked = sample.schema.questions.find(({ id }) => id === question) ?? sample.schema.questions[0];
    await sample.of(asked);
  },
  check: async ({ project, definition }: About & { definition: Definition }) => {
    await checkDefinition(await samples.schemaOf(project), definition);
  },
  preview: async ({ project, definition, replaces }: About & { definition: Definition; replaces: number | undefined }) =>
    previewLabeler(await samples.get(project), definition, replaces),
  suggest: async ({ project, question }: About) => suggestRules(await samples.get(project), question),
});
