/** file-type reads at most this much of the beginning. */
const SAMPLE_BYTES = 4_100;
const PLAIN_TYPE = /^(?:text\/(?:plain|csv|calendar|vcard|markdown)|application\/(?:json|octet-stream))$/;

export interface SniffedSource {
  readonly mimeType: string;
  /** The whole stream, sample included. */
  readonly source: AsyncIterable<Uint8Array>;
}

/**
 * Looks at the first bytes: what a file is decides its type, not what the uploader says. A declared type counts only for plain
 * formats that have no signature and cannot run in a browser.
 */
export async function sniffType(source: AsyncIterable<Uint8Array>, declared: string): Promise<SniffedSource> {
  const iterator = source[Symbol.asyncIterator]();
  const head: Uint8Array[] = [];
  let size = 0;
  while (size < SAMPLE_BYTES) {
    const next = await iterator.next();
    if (next.done === true) break;
    head.push(next.value);
    size += next.value.length;
  }
  const { fileTypeFromBuffer } = await import('file-type');
  const found = await fileTypeFromBuffer(Buffer.concat(head).subarray(0, SAMPLE_BYTES));
  return { mimeType: found?.mime ?? plainType(declared), source: rejoin(head, iterator) };
}

function plainType(declared: string): string {
  const type = declared.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return PLAIN_TYPE.test(type) ? type : 'application/octet-stream';
}

async function* rejoin(head: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* head;
    for (;;) {
      const next = await rest.next();
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await rest.return?.();
  }
}
