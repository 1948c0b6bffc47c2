import { proto } from '@whiskeysockets/baileys';
import { withTypeByte } from './sealer.ts';
import { signalLibrary } from './signal-library.ts';

const ACCOUNT_SIGNATURE_PREFIX = Uint8Array.of(6, 0);
const DEVICE_SIGNATURE_PREFIX = Uint8Array.of(6, 1);

/**
 * What is wrong with the `<device-identity>` that a companion sends beside the beginning of a session: the phone must have
 * vouched for the companion's identity key, and the companion must have signed in turn. Undefined if nothing is.
 */
export function findProofProblem(proofBytes: Uint8Array, identityKey: Uint8Array): string | undefined {
  const { details, accountSignatureKey, accountSignature, deviceSignature } = decode(proofBytes);
  if (!details || !accountSignatureKey || !accountSignature || !deviceSignature)
    return 'the device identity is incomplete';
  const companionKey = identityKey.slice(-32);
  const vouched = Buffer.concat([ACCOUNT_SIGNATURE_PREFIX, details, companionKey]);
  if (!isSigned(accountSignatureKey, vouched, accountSignature)) return 'the account signature does not verify';
  const answered = Buffer.concat([DEVICE_SIGNATURE_PREFIX, details, companionKey, accountSignatureKey]);
  if (!isSigned(companionKey, answered, deviceSignature)) return 'the device signature does not verify';
  return undefined;
}

function decode(bytes: Uint8Array): proto.IADVSignedDeviceIdentity {
  try {
    return proto.ADVSignedDeviceIdentity.decode(bytes);
  } catch {
    return {};
  }
}

function isSigned(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return signalLibrary.verifySignature(withTypeByte(publicKey), message, signature);
  } catch {
    return false;
  }
}
