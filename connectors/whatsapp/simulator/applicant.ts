import { createHash } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import type { Connection } from './connection.ts';
import type { CompanionDevice } from './directory.ts';
import { isSignedBy } from './iq/encrypt.ts';

type Payload = ReturnType<typeof proto.ClientPayload.decode>;

/** A client that wants to be linked: its socket and what it registered with. */
export interface Applicant {
  readonly connection: Connection;
  readonly noiseKey: Uint8Array;
  readonly identityKey: Uint8Array;
  readonly registrationId: number;
  readonly signedPreKey: CompanionDevice['signedPreKey'];
  /** What its QR codes begin with. */
  readonly refs: readonly string[];
}

/** The registration of a client payload; throws an Error that says what is missing or wrong. */
export function readApplicant(
  connection: Connection,
  noiseKey: Uint8Array,
  payload: Payload,
  refs: readonly string[],
): Applicant {
  const data = payload.devicePairingData;
  if (!data) throw new Error('client payload without user name and without registration');
  const identityKey = requireBytes(data.eIdent, 32, 'identity key');
  const signedPreKey = {
    id: Buffer.from(requireBytes(data.eSkeyId, 3, 'signed pre-key id')).readUIntBE(0, 3),
    publicKey: requireBytes(data.eSkeyVal, 32, 'signed pre-key'),
    signature: requireBytes(data.eSkeySig, 64, 'signed pre-key signature'),
  };
  if (requireBytes(data.eKeytype, 1, 'key type')[0] !== 5) throw new Error('registration with an unknown key type');
  if (!data.deviceProps) throw new Error('registration without device properties');
  proto.DeviceProps.decode(data.deviceProps);
  const { primary, secondary, tertiary } = payload.userAgent?.appVersion ?? {};
  const version = [primary, secondary, tertiary].join('.');
  if (
    !createHash('md5')
      .update(version)
      .digest()
      .equals(requireBytes(data.buildHash, 16, 'build hash'))
  ) {
    throw new Error('registration whose build hash belongs to another version');
  }
  if (!isSignedBy(identityKey, signedPreKey)) throw new Error('registration with a forged signed pre-key');
  const registrationId = Buffer.from(requireBytes(data.eRegid, 4, 'registration id')).readUInt32BE(0);
  return { connection, noiseKey, identityKey, registrationId, signedPreKey, refs };
}

function requireBytes(value: Uint8Array | null | undefined, length: number, name: string): Uint8Array {
  if (value?.length !== length) throw new Error(`registration with a bad ${name}`);
  return value;
}
