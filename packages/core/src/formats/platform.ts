/** Web standards that Node, browsers and workers share, and that `lib.es` does not describe. */
interface Platform {
  readonly TextDecoder: new (label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }) => TextDecoding;
  readonly TextEncoder: new () => { encode(text: string): Uint8Array };
}

export interface TextDecoding {
  readonly encoding: string;
  /** @throws TypeError where `fatal` is set and the bytes are not of this encoding */
  decode(bytes?: Uint8Array, options?: { stream?: boolean }): string;
}

export const { TextDecoder, TextEncoder } = globalThis as unknown as Platform;
