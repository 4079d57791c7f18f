import { CoreError } from '../model/errors.ts';
import { nearestName } from '../model/nearest-name.ts';
import type { Format } from './format.ts';

/** The format of that name. @throws CoreError 'unknown-format' listing the formats */
export function formatNamed(formats: readonly Format[], name: string): Format {
  const found = formats.find((format) => format.name === name);
  if (found) return found;
  const names = formats.map((format) => format.name);
  const near = nearestName(name, names);
  throw new CoreError(
    'unknown-format',
    `there is no format '${name}'${near ? `, did you mean '${near}'?` : '.'} The formats are ${names.join(', ')}`,
  );
}

/** The format of a file to be read: the one that goes by its extension and recognises its first bytes; then any that recognises them, since
 *  extensions lie; then whoever goes by the extension. @throws CoreError 'unknown-format' listing the formats */
export function detectFormat(formats: readonly Format[], path: string, head: Uint8Array): Format {
  const byExtension = formats.filter((format) => goesBy(format, path));
  const found =
    byExtension.find((format) => format.recognises(path, head)) ??
    formats.find((format) => format.recognises(path, head)) ??
    byExtension[0];
  if (found) return found;
  throw new CoreError(
    'unknown-format',
    `${path}: its format is not clear from its name or its beginning; name it, one of ${listed(formats)}`,
  );
}

/** The format of a file to be written, by its extension alone; the first that goes by it. @throws CoreError 'unknown-format' */
export function formatFor(formats: readonly Format[], path: string): Format {
  const found = formats.find((format) => format.write && goesBy(format, path));
  if (found) return found;
  throw new CoreError('unknown-format', `${path}: no format goes by this extension; name it with --to: ${listed(formats)}`);
}

function goesBy(format: Format, path: string): boolean {
  const plain = path.toLowerCase().replace(/\.gz$/, '');
  return format.extensions.some((extension) => plain.endsWith(extension));
}

function listed(formats: readonly Format[]): string {
  return formats.map((format) => `${format.name} (${format.extensions.join(', ')})`).join(', ');
}
