/** Web standards that Node, browsers and workers share, and that `lib.es` does not describe. */
interface Platform {
  readonly TextDecoder: new (label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }) => TextDecoding;
  readonly TextEncoder: new () => { encode(text: string): Uint8Array };
  readonly DecompressionStream: new (
    format: 'deflate-raw',
  ) => {
    readonly writable: { getWriter(): { write(chunk: Uint8Array): Promise<void>; close(): Promise<void> } };
    readonly readable: { getReader(): ByteReader };
  };
}

export interface TextDecoding {
  readonly encoding: string;
  /** @throws TypeError where `fatal` is set and the bytes are not of this encoding */
  decode(bytes?: Uint8Array, options?: { stream?: boolean }): string;
}

export interface ByteReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
}

export const { TextDecoder, TextEncoder, DecompressionStream } = globalThis as unknown as Platform;
