import { createHmac } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import type { PhoneIdentity } from './resident.ts';
import { verifySignature } from './wire/curve.ts';

const ACCOUNT_SIGNATURE_PREFIX = Buffer.of(6, 0);
const DEVICE_SIGNATURE_PREFIX = Buffer.of(6, 1);

/** What a phone has signed for a companion, before the companion has signed back. */
export interface VouchedIdentity {
  readonly details: Uint8Array;
  readonly accountKey: Uint8Array;
  readonly accountSignature: Uint8Array;
}

/** The phone vouches for the companion's identity key as the account's device number `keyIndex`. */
export function vouchFor(
  phone: PhoneIdentity,
  companionIdentity: Uint8Array,
  fields: { keyIndex: number; rawId: number; timestampSeconds: number },
): VouchedIdentity {
  const details = proto.ADVDeviceIdentity.encode({
    rawId: fields.rawId,
    timestamp: fields.timestampSeconds,
    keyIndex: fields.keyIndex,
    accountType: proto.ADVEncryptionType.E2EE,
    deviceType: proto.ADVEncryptionType.E2EE,
  }).finish();
  const accountSignature = phone.accountKey.sign(Buffer.concat([ACCOUNT_SIGNATURE_PREFIX, details, companionIdentity]));
  return { details, accountKey: phone.accountKey.publicKey, accountSignature };
}

/** The content of `<device-identity>` in `<pair-success>`: proves to the companion that its own secret was scanned. */
export function sealForCompanion(vouched: VouchedIdentity, advSecret: Uint8Array): Uint8Array {
  const details = proto.ADVSignedDeviceIdentity.encode({
    details: vouched.details,
    accountSignatureKey: vouched.accountKey,
    accountSignature: vouched.accountSignature,
  }).finish();
  const hmac = createHmac('sha256', advSecret).update(details).digest();
  return proto.ADVSignedDeviceIdentityHMAC.encode({ details, hmac }).finish();
}

/**
 * Checks the companion's answer: the same details and account signature, and its own signature over them and the account
 * key. Returns the complete identity as other devices receive it, or what is wrong.
 */
export function completeIdentity(
  vouched: VouchedIdentity,
  companionIdentity: Uint8Array,
  answer: Uint8Array,
): { identity: Uint8Array } | { problem: string } {
  const { details, accountSignature, deviceSignature } = proto.ADVSignedDeviceIdentity.decode(answer);
  if (!isSame(details, vouched.details)) return { problem: 'the answer is about other device details' };
  if (!isSame(accountSignature, vouched.accountSignature))
    return { problem: 'the answer has another account signature' };
  const signed = Buffer.concat([DEVICE_SIGNATURE_PREFIX, vouched.details, companionIdentity, vouched.accountKey]);
  if (!deviceSignature || !verifySignature(companionIdentity, signed, deviceSignature)) {
    return { problem: 'the device signature does not verify' };
  }
  const whole = { ...vouched, accountSignatureKey: vouched.accountKey, deviceSignature };
  return { identity: proto.ADVSignedDeviceIdentity.encode(whole).finish() };
}

function isSame(left: Uint8Array | null | undefined, right: Uint8Array): boolean {
  return left !== null && left !== undefined && Buffer.from(left).equals(right);
}
