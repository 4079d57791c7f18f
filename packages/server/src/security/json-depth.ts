import { CoreError } from '@labelwright/core/model/errors';

export const deepestJson = 64;

const quote = 0x22;
const backslash = 0x5c;

/** Before parsing: JSON.parse takes a million levels, JSON.stringify dies at ten thousand, so the import would pass and the export crash.
 *  One pass over the text; brackets inside strings do not count. @throws CoreError 'too-deep' */
export function checkJsonDepth(text: string): void {
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (isInString) {
      if (code === backslash) at++;
      else if (code === quote) isInString = false;
    } else if (code === quote) isInString = true;
    // [ and { differ by one bit, as do ] and }.
    else if ((code | 0x20) === 0x7b) {
      if (++depth > deepestJson) throw new CoreError('too-deep', `JSON may nest ${deepestJson} levels deep`);
    } else if ((code | 0x20) === 0x7d) depth--;
  }
}
