import type { BinaryNode } from '@whiskeysockets/baileys';
import type { KeyBundle } from '../resident.ts';
import { fromBigEndian, toBigEndian } from './bytes.ts';
import { bytesOf, childOf } from './stanza.ts';

const KEY_TYPE_DJB = Uint8Array.of(5);
const KEY_ID_BYTES = 3;
const REGISTRATION_BYTES = 4;

export function toRegistrationNode(registrationId: number): BinaryNode {
  return { tag: 'registration', attrs: {}, content: toBigEndian(registrationId, REGISTRATION_BYTES) };
}

/** `<keys>` of a retry receipt: what the sender needs to begin a new session with the device that could not read. */
export function toKeysNode(bundle: KeyBundle): BinaryNode {
  const signed = bundle.signedPreKey;
  return {
    tag: 'keys',
    attrs: {},
    content: [
      { tag: 'type', attrs: {}, content: KEY_TYPE_DJB },
      { tag: 'identity', attrs: {}, content: bundle.identityKey },
      ...(bundle.preKey === undefined
        ? []
        : [{ tag: 'key', attrs: {}, content: keyParts(bundle.preKey.id, bundle.preKey.publicKey) }]),
      {
        tag: 'skey',
        attrs: {},
        content: [...keyParts(signed.id, signed.publicKey), { tag: 'signature', attrs: {}, content: signed.signature }],
      },
    ],
  };
}

/** The bundle inside a retry receipt, if it carries a whole one (clients add it from the second request on). */
export function readRetryBundle(receipt: BinaryNode): KeyBundle | undefined {
  const keys = childOf(receipt, 'keys');
  const registration = bytesOf(childOf(receipt, 'registration'));
  if (keys === undefined || registration === undefined) return undefined;
  const identityKey = bytesOf(childOf(keys, 'identity'));
  const signedNode = childOf(keys, 'skey');
  const signed = readKey(signedNode);
  const signature = signedNode === undefined ? undefined : bytesOf(childOf(signedNode, 'signature'));
  if (identityKey === undefined || signed === undefined || signature === undefined) return undefined;
  const preKey = readKey(childOf(keys, 'key'));
  return {
    registrationId: fromBigEndian(registration),
    identityKey,
    signedPreKey: { ...signed, signature },
    ...(preKey === undefined ? {} : { preKey }),
  };
}

function keyParts(id: number, publicKey: Uint8Array): BinaryNode[] {
  return [
    { tag: 'id', attrs: {}, content: toBigEndian(id, KEY_ID_BYTES) },
    { tag: 'value', attrs: {}, content: publicKey },
  ];
}

function readKey(node: BinaryNode | undefined): { id: number; publicKey: Uint8Array } | undefined {
  if (node === undefined) return undefined;
  const id = bytesOf(childOf(node, 'id'));
  const publicKey = bytesOf(childOf(node, 'value'));
  return id === undefined || publicKey === undefined ? undefined : { id: fromBigEndian(id), publicKey };
}
