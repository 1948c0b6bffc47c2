import type { BinaryNode } from '@whiskeysockets/baileys';
import type { ClientDuties } from '../client-duties.ts';
import type { CompanionDevice, Device, Directory } from '../directory.ts';
import { lidJidOf } from '../directory.ts';
import type { KeyDesk } from '../keys.ts';
import type { ViolationLog } from '../violations.ts';
import { sha256 } from '../wire/cipher.ts';
import { verifySignature } from '../wire/curve.ts';
import { bytesOf, childOf, childrenOf, node, uintBytes, uintOf } from '../wire/stanza.ts';
import type { IqAnswer, IqRequest } from './answer.ts';
import { refusal, result, unknownQuery } from './answer.ts';

const KEY_TYPE = 5; // Curve25519, in bundles and as the first byte of a signed public key
const BAD_KEYS = refusal(406, 'not-acceptable');

/** `xmlns=encrypt`: how many one-time keys are left, uploads, rotation, digest, and the bundles of others. */
export class EncryptQueries {
  readonly #directory: Directory;
  readonly #keys: KeyDesk;
  readonly #duties: ClientDuties;
  readonly #violations: ViolationLog;

  constructor(deps: { directory: Directory; keys: KeyDesk; duties: ClientDuties; violations: ViolationLog }) {
    this.#directory = deps.directory;
    this.#keys = deps.keys;
    this.#duties = deps.duties;
    this.#violations = deps.violations;
  }

  answer({ device, stanza, type, question }: IqRequest): IqAnswer {
    if (type === 'set') {
      if (question?.tag === 'rotate') return this.#rotate(device, childOf(question, 'skey'));
      return this.#upload(device, stanza);
    }
    switch (question?.tag) {
      case 'count':
        return result([node('count', { value: String(device.oneTimeKeys.length) })]);
      case 'digest':
        return result([this.#digest(device)]);
      case 'key':
        return result([
          node(
            'list',
            {},
            childrenOf(question, 'user').map((user) => this.#bundle(user)),
          ),
        ]);
      default:
        return unknownQuery;
    }
  }

  #upload(device: CompanionDevice, stanza: BinaryNode): IqAnswer {
    const identity = bytesOf(childOf(stanza, 'identity'));
    const oneTimeKeys = childrenOf(childOf(stanza, 'list'), 'key').map((key) => readKey(key));
    if (identity === undefined || !Buffer.from(identity).equals(device.identityKey)) {
      return this.#reject(device, 'bad_signature', 'pre-keys uploaded under another identity');
    }
    const isTyped = uintOf(childOf(stanza, 'type')) === KEY_TYPE;
    const isOwn = uintOf(childOf(stanza, 'registration')) === device.registrationId;
    if (!isTyped || !isOwn) return this.#reject(device, 'malformed', 'upload with another key type or registration id');
    if (oneTimeKeys.length === 0 || oneTimeKeys.includes(undefined)) {
      return this.#reject(device, 'malformed', 'a one-time key without id or value');
    }
    const answer = this.#rotate(device, childOf(stanza, 'skey'));
    if (answer.kind !== 'result') return answer;
    const fresh = oneTimeKeys.filter((key) => key !== undefined);
    const ids = new Set(fresh.map((key) => key.id));
    Object.assign(device, {
      oneTimeKeys: [...device.oneTimeKeys.filter((key) => !ids.has(key.id)), ...fresh],
      warnedOfFewKeys: false,
    });
    this.#duties.pay(lidJidOf(device), 'pre_keys', 'few left');
    return result();
  }

  #rotate(device: CompanionDevice, skey: BinaryNode | undefined): IqAnswer {
    const signedPreKey = readSignedPreKey(skey);
    if (signedPreKey === undefined) return this.#reject(device, 'malformed', 'signed pre-key is incomplete');
    if (!isSignedBy(device.identityKey, signedPreKey)) {
      return this.#reject(device, 'bad_signature', 'signed pre-key does not verify');
    }
    if (signedPreKey.id !== device.signedPreKey.id) this.#duties.rotated(lidJidOf(device));
    Object.assign(device, { signedPreKey });
    return result();
  }

  #digest(device: CompanionDevice): BinaryNode {
    const ids = device.oneTimeKeys.map((key) => node('id', {}, uintBytes(key.id, 3)));
    const { signedPreKey } = device;
    const hash = sha256(device.identityKey, signedPreKey.publicKey, signedPreKey.signature).subarray(0, 20);
    return node('digest', {}, [
      node('registration', {}, uintBytes(device.registrationId, 4)),
      node('type', {}, uintBytes(KEY_TYPE, 1)),
      node('identity', {}, device.identityKey),
      writeSignedPreKey(signedPreKey),
      node('list', {}, ids),
      node('hash', {}, hash),
    ]);
  }

  #bundle(user: BinaryNode): BinaryNode {
    const { jid } = user.attrs;
    const device = this.#directory.findDevice(jid);
    if (device === undefined) {
      return node('user', { jid }, [node('error', { code: '404', text: 'item-not-found' })]);
    }
    return node('user', { jid }, this.#describe(device));
  }

  #describe(device: Device): BinaryNode[] {
    const bundle = this.#keys.bundle(device);
    const { preKey } = bundle;
    return [
      node('registration', {}, uintBytes(bundle.registrationId, 4)),
      node('type', {}, uintBytes(KEY_TYPE, 1)),
      node('identity', {}, bundle.identityKey),
      writeSignedPreKey(bundle.signedPreKey),
      ...(preKey === undefined
        ? []
        : [node('key', {}, [node('id', {}, uintBytes(preKey.id, 3)), node('value', {}, preKey.publicKey)])]),
      ...(device.kind === 'companion' ? [node('device-identity', {}, device.deviceIdentity)] : []),
    ];
  }

  #reject(device: CompanionDevice, kind: 'malformed' | 'bad_signature', detail: string): IqAnswer {
    this.#violations.record(kind, lidJidOf(device), detail);
    return BAD_KEYS;
  }
}

/** XEdDSA of the identity over the type byte and the public key. */
export function isSignedBy(identityKey: Uint8Array, key: CompanionDevice['signedPreKey']): boolean {
  const message = Buffer.concat([Buffer.of(KEY_TYPE), key.publicKey]);
  return verifySignature(identityKey, message, key.signature);
}

function readKey(key: BinaryNode): { id: number; publicKey: Uint8Array } | undefined {
  const id = uintOf(childOf(key, 'id'));
  const publicKey = bytesOf(childOf(key, 'value'));
  return id === undefined || publicKey?.length !== 32 ? undefined : { id, publicKey };
}

function readSignedPreKey(skey: BinaryNode | undefined): CompanionDevice['signedPreKey'] | undefined {
  const key = skey === undefined ? undefined : readKey(skey);
  const signature = bytesOf(childOf(skey, 'signature'));
  return key === undefined || signature === undefined ? undefined : { ...key, signature };
}

function writeSignedPreKey(key: CompanionDevice['signedPreKey']): BinaryNode {
  return node('skey', {}, [
    node('id', {}, uintBytes(key.id, 3)),
    node('value', {}, key.publicKey),
    node('signature', {}, key.signature),
  ]);
}
