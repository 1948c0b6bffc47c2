import { isRecord } from '../../src/core/json.ts';

type Decrypt = (this: unknown, message: unknown, session: unknown) => Promise<unknown>;

/** A session of libsignal 6.0.0, as far as it can be copied. */
interface CopyableSession {
  serialize(): unknown;
}

/**
 * libsignal tries a message on one session after the other and steps each one's ratchet before the MAC tells that it was the wrong one.
 * When a later session fits, the whole record is stored, and with it the sessions that were spoilt on the way: a message that
 * was sent in an older session (a backlog after a reconnect) made the newest session unreadable in both directions. Here a
 * session on which a message does not fit is put back as it was. `prototype` is that of libsignal's SessionCipher; false when
 * it has another shape than in libsignal 6.0.0.
 */
export function makeTrialsHarmless(prototype: unknown): boolean {
  if (!isRecord(prototype)) return false;
  const decrypt = prototype['doDecryptWhisperMessage'];
  if (!isDecrypt(decrypt)) return false;
  const harmless: Decrypt = async function (message, session) {
    if (!isCopyable(session)) return decrypt.call(this, message, session);
    const before = session.serialize();
    try {
      return await decrypt.call(this, message, session);
    } catch (error) {
      restore(session, before);
      throw error;
    }
  };
  return Reflect.set(prototype, 'doDecryptWhisperMessage', harmless);
}

/** In place: the record that holds the session is what libsignal stores. */
function restore(session: CopyableSession, before: unknown): void {
  const { constructor } = session;
  const deserialize: unknown = Reflect.get(constructor, 'deserialize');
  if (typeof deserialize !== 'function') return;
  const copy: unknown = Reflect.apply(deserialize, constructor, [before]);
  if (!isRecord(copy)) return;
  for (const key of Object.keys(session)) if (!(key in copy)) Reflect.deleteProperty(session, key);
  Object.assign(session, copy);
}

function isDecrypt(value: unknown): value is Decrypt {
  return typeof value === 'function' && value.length === 2;
}

function isCopyable(session: unknown): session is CopyableSession {
  return (
    typeof session === 'object' &&
    session !== null &&
    'serialize' in session &&
    typeof session.serialize === 'function' &&
    typeof Reflect.get(session.constructor, 'deserialize') === 'function'
  );
}
