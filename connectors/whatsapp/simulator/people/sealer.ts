import { jidDecode } from '@whiskeysockets/baileys';
import type { ProtocolAddress } from 'whatsapp-rust-bridge';
import type { KeyBundle } from '../resident.ts';
import { deviceNumberOf } from './addresses.ts';
import type { DeviceKeys } from './device-keys.ts';
import { signalLibrary } from './signal-library.ts';

const KEY_TYPE_DJB = 5; // the type byte in front of a Curve25519 public key
const PRE_KEY_MESSAGE = 3; // the library's name for a message that begins a session

/** How one sealed copy stands in `<enc type>`. */
export type EncryptionType = 'msg' | 'pkmsg' | 'skmsg';

export interface Sealed {
  readonly type: EncryptionType;
  readonly ciphertext: Uint8Array;
}

export interface Opened {
  readonly plaintext: Uint8Array;
  /** Identity key of the device that began a session with this message. */
  readonly beginner?: Uint8Array;
}

/**
 * Signal sessions and sender keys of one device. Called by {@link Device} only; addresses are LID style device addresses.
 * One operation at a time: two at once on one session would each store their own next ratchet.
 */
export class Sealer {
  readonly #keys: DeviceKeys;
  #last: Promise<unknown> = Promise.resolve();

  constructor(deps: { keys: DeviceKeys }) {
    this.#keys = deps.keys;
  }

  hasSession(deviceJid: string): boolean {
    return this.#keys.hasSession(toProtocolAddress(deviceJid).toString());
  }

  forgetSession(deviceJid: string): void {
    this.#keys.deleteSession(toProtocolAddress(deviceJid).toString());
  }

  /** Begins a session from a bundle. Throws if the bundle's signature does not verify. */
  beginSession(deviceJid: string, bundle: KeyBundle): Promise<void> {
    return this.#inTurn(() =>
      new signalLibrary.SessionBuilder(this.#keys.storage(), toProtocolAddress(deviceJid)).processPreKeyBundle({
        registrationId: bundle.registrationId,
        identityKey: withTypeByte(bundle.identityKey),
        signedPreKey: {
          keyId: bundle.signedPreKey.id,
          publicKey: withTypeByte(bundle.signedPreKey.publicKey),
          signature: bundle.signedPreKey.signature,
        },
        ...(bundle.preKey === undefined
          ? {}
          : { preKey: { keyId: bundle.preKey.id, publicKey: withTypeByte(bundle.preKey.publicKey) } }),
      }),
    );
  }

  /** Needs a session with the device. */
  seal(deviceJid: string, plaintext: Uint8Array): Promise<Sealed> {
    return this.#inTurn(async () => {
      const cipher = new signalLibrary.SessionCipher(this.#keys.storage(), toProtocolAddress(deviceJid));
      const { type, body } = await cipher.encrypt(plaintext);
      return { type: type === PRE_KEY_MESSAGE ? 'pkmsg' : 'msg', ciphertext: body };
    });
  }

  /** Rejects if the copy cannot be read: no session, an old counter, a wrong key. */
  open(deviceJid: string, sealed: Sealed): Promise<Opened> {
    return this.#inTurn(async () => {
      let identityKey: Uint8Array | undefined;
      const storage = this.#keys.storage((seen) => {
        identityKey = seen;
      });
      const cipher = new signalLibrary.SessionCipher(storage, toProtocolAddress(deviceJid));
      if (sealed.type !== 'pkmsg') return { plaintext: await cipher.decryptWhisperMessage(sealed.ciphertext) };
      const plaintext = await cipher.decryptPreKeyWhisperMessage(sealed.ciphertext);
      return identityKey === undefined ? { plaintext } : { plaintext, beginner: identityKey };
    });
  }

  /** What other members need to read this device's group messages; made on first use. */
  distributionFor(groupJid: string, ownDeviceJid: string): Promise<Uint8Array> {
    return this.#inTurn(async () => {
      const name = new signalLibrary.SenderKeyName(groupJid, toProtocolAddress(ownDeviceJid));
      const distribution = await new signalLibrary.GroupSessionBuilder(this.#keys.storage()).create(name);
      return distribution.serialize();
    });
  }

  sealForGroup(groupJid: string, ownDeviceJid: string, plaintext: Uint8Array): Promise<Sealed> {
    return this.#inTurn(async () => {
      const cipher = new signalLibrary.GroupCipher(this.#keys.storage(), groupJid, toProtocolAddress(ownDeviceJid));
      return { type: 'skmsg', ciphertext: await cipher.encrypt(plaintext) };
    });
  }

  openFromGroup(groupJid: string, authorDeviceJid: string, ciphertext: Uint8Array): Promise<Uint8Array> {
    return this.#inTurn(() =>
      new signalLibrary.GroupCipher(this.#keys.storage(), groupJid, toProtocolAddress(authorDeviceJid)).decrypt(
        ciphertext,
      ),
    );
  }

  learnSenderKey(groupJid: string, authorDeviceJid: string, distribution: Uint8Array): Promise<void> {
    return this.#inTurn(() =>
      new signalLibrary.GroupSessionBuilder(this.#keys.storage()).process(
        new signalLibrary.SenderKeyName(groupJid, toProtocolAddress(authorDeviceJid)),
        signalLibrary.SenderKeyDistributionMessage.deserialize(distribution),
      ),
    );
  }

  /** After a member left: the next group message uses a key that he never had. */
  forgetOwnSenderKey(groupJid: string, ownDeviceJid: string): void {
    this.#keys.deleteSenderKey(new signalLibrary.SenderKeyName(groupJid, toProtocolAddress(ownDeviceJid)).toString());
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}

/** Public keys travel as 32 bytes or with the type byte in front; the Signal library wants the latter. */
export function withTypeByte(publicKey: Uint8Array): Uint8Array {
  return publicKey.length === 33 ? publicKey : Uint8Array.from([KEY_TYPE_DJB, ...publicKey]);
}

function toProtocolAddress(deviceJid: string): ProtocolAddress {
  const decoded = jidDecode(deviceJid);
  if (decoded === undefined) throw new Error('not a WhatsApp device address');
  return new signalLibrary.ProtocolAddress(decoded.user, deviceNumberOf(deviceJid));
}
