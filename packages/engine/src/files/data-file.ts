import { detectFormat, formatNamed } from '@labelwright/core/formats/detect';
import type { Format } from '@labelwright/core/formats/format';
import { formats } from '@labelwright/core/formats/index';
import { type DiskFile, headOf, openSource } from './source-file.ts';

export interface DataFile {
  readonly source: DiskFile;
  readonly format: Format;
}

/** A file with the format that it is in: the named one, else by extension and first bytes. @throws CoreError 'no-file' | 'unknown-format' */
export async function openDataFile(path: string, options: { readonly format?: string } = {}): Promise<DataFile> {
  const source = await openSource(path);
  const format =
    options.format === undefined ? detectFormat(formats, source.path, await headOf(source)) : formatNamed(formats, options.format);
  return { source, format };
}
