import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { detectFormat, formatNamed } from '@labelwright/core/formats/detect';
import type { Format } from '@labelwright/core/formats/format';
import { formats } from '@labelwright/core/formats/index';
import { type DiskFile, headOf, openSource } from '@labelwright/engine/files/source-file';

export interface OpenedUpload {
  readonly source: DiskFile;
  readonly format: Format;
}

/** An upload under the name that the user gave it: messages and the extension are the user's, the file is ours.
 *  @throws CoreError 'unknown-format' */
export async function openUpload(path: string, fileName: string, format: string | undefined): Promise<OpenedUpload> {
  const source: DiskFile = { ...(await openSource(path)), path: fileName.replace(/\.gz$/i, '') };
  return { source, format: format === undefined ? detectFormat(formats, source.path, await headOf(source)) : formatNamed(formats, format) };
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
