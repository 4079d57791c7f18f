import { api, keys, queries } from '../api.ts';

const name = 'Sample: spam or ham';

/** The sample project of this server, made where there is none yet. @returns its id */
export async function openSample(): Promise<number> {
  const projects = await api.listProjects({});
  const there = projects.find((project) => project.name === name || /^mail: spam or ham/i.test(project.name));
  if (there) return there.id;
  const { id } = await api.createProject({
    body: {
      name,
      schema: {
        questions: [
          {
            kind: 'choice',
            id: 'kind',
            title: 'What kind of mail is it?',
            multiple: false,
            labels: [
              { id: 'spam', description: 'sent to many, wanted by nobody' },
              { id: 'ham', description: 'a mail that somebody wants to read' },
            ],
          },
        ],
        guidelines: 'Spam is what nobody asked for. A newsletter that the reader signed up for is **ham**.',
      },
      settings: { textFields: ['text'], goldField: 'gold', targetError: 0.05 },
    },
  });
  await importMails(id);
  await addRules(id);
  await queries.invalidateQueries({ queryKey: keys.projects });
  return id;
}

async function importMails(project: number): Promise<void> {
  const { sampleMails } = await import('./sample-mails.ts');
  const lines = sampleMails.split('\n').map((line, index) => {
    const [gold, text] = line.split('\t');
    return JSON.stringify({ id: `mail-${index + 1}`, text, gold });
  });
  const bytes = new TextEncoder().encode(`${lines.join('\n')}\n`);
  const { id } = await api.createImport({ params: { project }, body: { fileName: 'sample-mails.jsonl', sizeBytes: bytes.length } });
  const params = { project, import: id };
  await api.uploadChunk({ params, query: { offset: 0 } }, { raw: bytes });
  await api.startImport({ params, body: { idField: 'id' } });
}

async function addRules(project: number): Promise<void> {
  const rules = [
    {
      name: 'offers',
      use: 'keywords',
      with: { words: ['free', 'win', 'won', 'claim', 'guaranteed', 'click here', 'save'], label: 'spam' },
    },
    { name: 'money', use: 'regex', with: { pattern: '\\$\\d|\\d% off|million', label: 'spam' } },
    { name: 'replies', use: 'regex', with: { pattern: '^Re:|attached|notes', label: 'ham' } },
    { name: 'everyday', use: 'keywords', with: { words: ['meeting', 'call', 'thanks', 'please', 'reminder', 'ticket'], label: 'ham' } },
  ];
  for (const rule of rules) await api.createLabeler({ params: { project }, body: rule });
}
