import type { NodeCryptoProvider, TlBinaryReader, TlReaderMap } from '@mtcute/node/utils.js';
import { __tlReaderMap, addPublicKey, parsePublicKey } from '@mtcute/node/utils.js';

// Constructor ids of the protocol's own schema (core.telegram.org/mtproto/TL-tl).
const RES_PQ = 0x05162463;
const RPC_ERROR = 0x2144ca19;
const PONG = 0x347773c5;

const FINGERPRINT_DIGITS = 16;
const HEX = 16;
/** Stands before the word of a refusal, so that the library does not know it: it would repeat some calls for ever. */
const UNKNOWN_TO_LIBRARY = 'REFUSED ';

/** How the library reads what comes, with three things changed: which server keys are seen, what it makes of a refusal, and that a pong is told. */
export function makeReaders(hooks: {
  /** Names of the keys that may be met; absent = Telegram's own. */
  readonly trusted: ReadonlySet<string> | undefined;
  readonly onPong: () => void;
}): TlReaderMap {
  const { trusted, onPong } = hooks;
  const changed: TlReaderMap = {
    [RES_PQ]: (reader: TlBinaryReader) => ({
      _: 'mt_resPQ',
      nonce: reader.int128(),
      serverNonce: reader.int128(),
      pq: reader.bytes(),
      serverPublicKeyFingerprints: readFingerprints(reader)
        .filter((name) => trusted?.has(name) !== false)
        .map(asLibraryAsks),
    }),
    [RPC_ERROR]: (reader: TlBinaryReader) => ({
      _: 'mt_rpc_error',
      errorCode: reader.int(),
      errorMessage: UNKNOWN_TO_LIBRARY + reader.string(),
    }),
    [PONG]: (reader: TlBinaryReader) => {
      onPong();
      return { _: 'mt_pong', msgId: reader.long(), pingId: reader.long() };
    },
  };
  Object.setPrototypeOf(changed, __tlReaderMap);
  return changed;
}

/** The word of a refusal as the server wrote it. */
export function wordOf(errorMessage: string): string {
  return errorMessage.startsWith(UNKNOWN_TO_LIBRARY) ? errorMessage.slice(UNKNOWN_TO_LIBRARY.length) : errorMessage;
}

/**
 * Makes keys of a private network known to the library, whose list is the whole process's; resolves with their names, by which each client
 * trusts no others. Throws where a key cannot be read.
 */
export function addServerKeys(crypto: NodeCryptoProvider, pems: readonly string[]): ReadonlySet<string> {
  return new Set(
    pems.map((pem) => {
      addPublicKey(crypto, pem);
      return parsePublicKey(crypto, pem).fingerprint;
    }),
  );
}

function readFingerprints(reader: TlBinaryReader): readonly string[] {
  const names: string[] = [];
  reader.vector(() => names.push(reader.long(true).toString(HEX).padStart(FINGERPRINT_DIGITS, '0')));
  return names;
}

/** The library drops the zeros at the front of a name, and then does not find it. */
function asLibraryAsks(name: string): { toUnsigned: () => string } {
  return { toUnsigned: () => name };
}
