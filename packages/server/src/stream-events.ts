import { PassThrough, type Readable } from 'node:stream';
import { access } from './access.ts';
import type { Call } from './handlers.ts';
import { authenticate } from './security/authenticate.ts';
import { authorize } from './security/authorize.ts';

const heartbeatMs = 15_000;
/** A client that does not read is let go, before its unread events fill the memory. */
const mostUnreadBytes = 1_000_000;

/** Server-sent events of a project. The stream ends when its person may not listen any more; a client that still may connects again. */
export function streamEvents({ params, caller, context, request, reply }: Call<'events'>): Readable {
  const stream = new PassThrough();
  const send = (text: string) => {
    if (stream.writableLength > mostUnreadBytes) close();
    else stream.write(text);
  };
  const beat = async () => {
    try {
      const present = await authenticate(request, context, 'only-look');
      await authorize(context, { route: 'events', rule: access.events, caller: present, project: params.project });
      send(': still here\n\n');
    } catch {
      close();
    }
  };
  const heartbeat = setInterval(() => void beat(), heartbeatMs);
  const close = () => {
    clearInterval(heartbeat);
    leave();
    stream.end();
  };
  const leave = context.events.listen({
    project: params.project,
    person: caller.person.id,
    hear: (event) => send(`data: ${JSON.stringify(event)}\n\n`),
    close,
  });
  stream.on('close', close);
  reply.headers({ 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' });
  send('retry: 2000\n\n');
  return stream;
}
