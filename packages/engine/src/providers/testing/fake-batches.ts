import type { IncomingMessage, ServerResponse } from 'node:http';

interface FakeBatch {
  readonly id: string;
  readonly metadata: unknown;
  readonly lines: readonly { custom_id: string; body: unknown }[];
  polls: number;
  status: 'validating' | 'in_progress' | 'completed' | 'failed' | 'cancelled';
  readonly replies: string[];
  readonly faults: string[];
}

/** The files and batches of OpenAI: a batch is in progress for two looks at it, then its lines are answered. */
export function fakeBatches(
  answer: (body: unknown) => { status: number; body: unknown },
): (request: IncomingMessage, response: ServerResponse, content: Buffer) => Promise<void> {
  const files = new Map<string, string>();
  const batches: FakeBatch[] = [];
  const shown = ({ id, metadata, status, lines, replies, faults }: FakeBatch): unknown => ({
    id,
    object: 'batch',
    status,
    metadata,
    request_counts: { total: lines.length, completed: replies.length, failed: faults.length },
    output_file_id: replies.length > 0 ? `${id}-replies` : null,
    error_file_id: faults.length > 0 ? `${id}-faults` : null,
    errors: status === 'failed' ? { data: [{ message: 'no such model' }] } : null,
  });

  function look(batch: FakeBatch): void {
    batch.polls += 1;
    if (batch.status === 'validating') batch.status = 'in_progress';
    if (batch.status !== 'in_progress' || batch.polls < 3) return;
    batch.status = 'completed';
    // In any order: the last first.
    for (const { custom_id, body } of batch.lines.toReversed()) {
      const { status, body: reply } = answer(body);
      const line = JSON.stringify({ id: `r-${custom_id}`, custom_id, response: { status_code: status, body: reply }, error: null });
      (status === 200 ? batch.replies : batch.faults).push(line);
    }
    files.set(`${batch.id}-replies`, batch.replies.join('\n'));
    files.set(`${batch.id}-faults`, batch.faults.join('\n'));
  }

  return async (request, response, content) => {
    const [path] = (request.url ?? '').split('?');
    const send = (body: unknown): void => void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const [, , kind, id, action] = path.split('/');
    if (kind === 'files' && request.method === 'POST') {
      const type = { 'content-type': request.headers['content-type'] ?? '' };
      const form = await new Response(new Uint8Array(content), { headers: type }).formData();
      const file = `file-${files.size}`;
      files.set(file, await (form.get('file') as Blob).text());
      return send({ id: file, object: 'file' });
    }
    if (kind === 'files') return void response.writeHead(200).end(files.get(id) ?? '');
    if (id === undefined && request.method === 'POST') {
      const { input_file_id: file, metadata } = JSON.parse(content.toString('utf8')) as { input_file_id: string; metadata: unknown };
      const lines = (files.get(file) ?? '').split('\n').map((line) => JSON.parse(line) as FakeBatch['lines'][number]);
      const isRefused = lines.some(({ body }) => (body as { model: string }).model === 'no-such-model');
      const status = isRefused ? 'failed' : 'validating';
      batches.push({ id: `batch-${batches.length}`, metadata, lines, polls: 0, status, replies: [], faults: [] });
      return send(shown(batches[batches.length - 1]));
    }
    if (id === undefined) return send({ object: 'list', data: batches.toReversed().map(shown), has_more: false });
    const batch = batches.find((each) => each.id === id);
    if (!batch) return void response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":{"message":"no such batch"}}');
    if (action === 'cancel') batch.status = 'cancelled';
    else look(batch);
    return send(shown(batch));
  };
}
