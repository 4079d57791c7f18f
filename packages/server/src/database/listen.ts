import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf } from '@labelwright/core/model/errors';
import { Client, type ClientConfig } from 'pg';

export interface ListenOptions {
  /** The connection was lost and is back: what was notified meanwhile is gone, so read the present state. */
  readonly onGap?: () => void;
  readonly log?: (line: string) => void;
  readonly heartbeatMs?: number;
}

export interface Listening {
  stop(): Promise<void>;
}

const longestPauseMs = 5_000;

/** One connection that hears NOTIFY on the given channels, and connects again when it is lost. A payload has at most 8,000 bytes.
 *  @param handlers what to do with the payload, by channel */
export async function onNotify(
  connection: ClientConfig,
  handlers: Readonly<Record<string, (payload: string) => void>>,
  { onGap, log = () => undefined, heartbeatMs = 30_000 }: ListenOptions = {},
): Promise<Listening> {
  const stopping = new AbortController();
  let client = await open();

  async function open(): Promise<Client> {
    const fresh = new Client({ ...connection, query_timeout: 10_000 });
    fresh.on('error', () => undefined);
    fresh.on('notification', ({ channel, payload }) => {
      try {
        handlers[channel]?.(payload ?? '');
      } catch (error) {
        log(`database: the handler of ${channel} failed: ${reasonOf(error)}`);
      }
    });
    try {
      await fresh.connect();
      for (const channel of Object.keys(handlers)) await fresh.query(`listen ${fresh.escapeIdentifier(channel)}`);
    } catch (error) {
      void fresh.end().catch(() => undefined);
      throw error;
    }
    fresh.once('end', () => void reopen());
    return fresh;
  }

  async function reopen(): Promise<void> {
    for (let pause = 50; !stopping.signal.aborted; pause = Math.min(pause * 2, longestPauseMs)) {
      try {
        client = await open();
        if (stopping.signal.aborted) await client.end();
        else onGap?.();
        return;
      } catch (error) {
        log(`database: listening is interrupted: ${reasonOf(error)}`);
        await sleep(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  }

  // A connection that died without a word (a firewall, a cable) is found by asking.
  const heartbeat = setInterval(() => void client.query('select 1').catch(() => client.end().catch(() => undefined)), heartbeatMs);
  heartbeat.unref();
  return {
    stop: async () => {
      stopping.abort();
      clearInterval(heartbeat);
      await client.end().catch(() => undefined);
    },
  };
}
