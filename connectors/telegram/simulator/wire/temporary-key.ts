import type { TlObject } from '../../tl.ts';
import { RpcError } from '../rpc.ts';
import { TlReader } from '../tl/reader.ts';
import { bytesOfLong, hexOf, isEqual, longOf, sha1 } from './bytes.ts';
import { igeDecrypt } from './ige.ts';
import type { KeyRing } from './key-ring.ts';
import { service } from './service-schema.ts';
import type { Session } from './session.ts';

const HEAD_BYTES = 24; // key id and msg_key
const INNER_HEAD_BYTES = 32; // random, msg id, seqno, length

/**
 * `auth.bindTempAuthKey`: the temporary key stands for a permanent one, proved by a message that is sealed with the permanent key in the
 * envelope of MTProto 1.0 (https://core.telegram.org/method/auth.bindTempAuthKey). Throws RpcError.
 */
export function bindTemporaryKey(call: TlObject, session: Session, keys: KeyRing): true {
  const { permAuthKeyId, nonce, encryptedMessage } = call;
  const permanent = typeof permAuthKeyId === 'bigint' ? keys.find(hexOf(bytesOfLong(permAuthKeyId))) : undefined;
  if (permanent === undefined || permanent.isTemporary || permanent.dcId !== session.key.dcId)
    throw new RpcError(400, 'ENCRYPTED_MESSAGE_INVALID');
  const inner = encryptedMessage instanceof Uint8Array ? openOld(permanent.bytes, encryptedMessage) : undefined;
  const isGenuine =
    inner?._ === 'bindAuthKeyInner' &&
    inner['nonce'] === nonce &&
    inner['permAuthKeyId'] === permAuthKeyId &&
    inner['tempAuthKeyId'] === longOf(session.key.id) &&
    inner['tempSessionId'] === session.id;
  if (!isGenuine) throw new RpcError(400, 'ENCRYPTED_MESSAGE_INVALID');
  session.key.boundTo = permanent;
  return true;
}

function openOld(key: Uint8Array, packet: Uint8Array): TlObject | undefined {
  if (packet.length < HEAD_BYTES + INNER_HEAD_BYTES || (packet.length - HEAD_BYTES) % 16 !== 0) return undefined;
  const msgKey = packet.subarray(8, HEAD_BYTES);
  const a = sha1(msgKey, key.subarray(0, 32));
  const b = sha1(key.subarray(32, 48), msgKey, key.subarray(48, 64));
  const c = sha1(key.subarray(64, 96), msgKey);
  const d = sha1(msgKey, key.subarray(96, 128));
  const aesKey = Buffer.concat([a.subarray(0, 8), b.subarray(8, 20), c.subarray(4, 16)]);
  const iv = Buffer.concat([a.subarray(8, 20), b.subarray(0, 8), c.subarray(16, 20), d.subarray(0, 8)]);
  const plain = igeDecrypt(aesKey, iv, packet.subarray(HEAD_BYTES));
  const reader = new TlReader(plain.subarray(INNER_HEAD_BYTES));
  const inner = service.decodePrefix(reader);
  const end = plain.length - reader.left;
  return isEqual(sha1(plain.subarray(0, end)).subarray(4), msgKey) ? inner : undefined;
}
