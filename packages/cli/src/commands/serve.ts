import { resolve } from 'node:path';
import type { Command } from 'commander';
import { wholeNumber } from '../number-options.ts';

interface Options {
  readonly data: string;
  readonly host: string;
  readonly port: number;
  readonly database?: string;
  readonly open: boolean;
  readonly accounts?: boolean;
  readonly publicUrl?: string;
}

export function addServe(program: Command): void {
  program
    .command('serve')
    .description('the product in the browser: one process, its database included')
    .option('--data <dir>', 'where everything is kept', 'labelwright-data')
    .option('--host <name>', 'another than loopback needs accounts: the first one is made by a link printed here', '127.0.0.1')
    .option('--port <number>', '0: any that is free', wholeNumber(0), 4477)
    .option('--database <url>', 'a PostgreSQL of your own (15 or newer) instead of the embedded one; or DATABASE_URL')
    .option('--no-open', 'do not open the browser')
    .option('--accounts', 'ask for a login on loopback as well')
    .option('--public-url <url>', 'where people reach it when a proxy stands before it')
    .action(serve);
}

async function serve({ data, ...options }: Options): Promise<void> {
  const { serve: run } = await import('@labelwright/server/main');
  await run({ dataDirectory: resolve(data), ...options });
}
