import { Option } from 'commander';

/** Where a command finds what `serve` keeps. */
export interface PlaceOptions {
  readonly data: string;
  readonly database?: string;
}

export const dataOption = () => new Option('--data <dir>', 'the directory of `serve`').default('labelwright-data');
export const databaseOption = () =>
  new Option('--database <url>', 'the PostgreSQL of `serve`, where it is not the embedded one; or DATABASE_URL');
