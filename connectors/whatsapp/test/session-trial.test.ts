import '../curve-first.ts';
import { createRequire } from 'node:module';
import { beforeEach, describe, expect, it } from 'vitest';
import { loadBaileys } from '../baileys.ts';

/** As much of libsignal 6.0.0 as a conversation of two needs. */
interface Library {
  ProtocolAddress: new (name: string, device: number) => { toString(): string };
  SessionBuilder: new (storage: Storage, address: unknown) => { initOutgoing(bundle: unknown): Promise<void> };
  SessionCipher: new (
    storage: Storage,
    address: unknown,
  ) => {
    encrypt(data: Buffer): Promise<{ type: number; body: Buffer }>;
    decryptWhisperMessage(data: Buffer): Promise<Buffer>;
    decryptPreKeyWhisperMessage(data: Buffer): Promise<Buffer>;
  };
  SessionRecord: { deserialize(data: unknown): Record };
  keyhelper: {
    generateIdentityKeyPair(): KeyPair;
    generateSignedPreKey(identity: KeyPair, id: number): { keyPair: KeyPair; signature: Buffer };
    generatePreKey(id: number): { keyPair: KeyPair };
  };
}
interface KeyPair {
  pubKey: Buffer;
  privKey: Buffer;
}
interface Record {
  serialize(): {
    _sessions: { [key: string]: { currentRatchet: unknown; _chains: unknown; indexInfo: { closed: number } } };
  };
}

const PRE_KEY_MESSAGE = 3;
const require = createRequire(createRequire(import.meta.url).resolve('@whiskeysockets/baileys'));

class Storage {
  readonly identity: KeyPair;
  readonly signedPreKey: { keyPair: KeyPair; signature: Buffer };
  readonly preKeys = new Map<number, KeyPair>();
  stored: unknown;
  readonly #library: Library;

  constructor(library: Library) {
    this.#library = library;
    this.identity = library.keyhelper.generateIdentityKeyPair();
    this.signedPreKey = library.keyhelper.generateSignedPreKey(this.identity, 1);
  }

  bundle(preKeyId: number): unknown {
    const { keyPair } = this.#library.keyhelper.generatePreKey(preKeyId);
    this.preKeys.set(preKeyId, keyPair);
    return {
      registrationId: 7,
      identityKey: this.identity.pubKey,
      signedPreKey: { keyId: 1, publicKey: this.signedPreKey.keyPair.pubKey, signature: this.signedPreKey.signature },
      preKey: { keyId: preKeyId, publicKey: keyPair.pubKey },
    };
  }

  loadSession = async (): Promise<Record | undefined> =>
    this.stored === undefined ? undefined : this.#library.SessionRecord.deserialize(structuredClone(this.stored));
  storeSession = async (_id: string, record: Record): Promise<void> => {
    this.stored = structuredClone(record.serialize());
  };
  isTrustedIdentity = (): boolean => true;
  getOurRegistrationId = (): number => 7;
  getOurIdentity = (): KeyPair => this.identity;
  loadPreKey = async (id: number): Promise<KeyPair | undefined> => this.preKeys.get(id);
  removePreKey = (): void => undefined;
  loadSignedPreKey = (): KeyPair => this.signedPreKey.keyPair;

  /** The session that new messages go out in, without the time of its last use. */
  openSession(): unknown {
    const { _sessions: sessions } = this.stored as ReturnType<Record['serialize']>;
    const open = Object.values(sessions).find(({ indexInfo }) => indexInfo.closed === -1);
    return open === undefined ? undefined : { ratchet: open.currentRatchet, chains: open._chains };
  }
}

describe('a message of an older session', () => {
  let library: Library;
  let hotel: Storage;
  let guest: Storage;
  let address: unknown;

  const send = async (from: Storage, text: string): Promise<{ type: number; body: Buffer }> => {
    const { type, body } = await new library.SessionCipher(from, address).encrypt(Buffer.from(text));
    return { type, body: Buffer.from(body as unknown as string, 'binary') };
  };
  const read = async (to: Storage, { type, body }: { type: number; body: Buffer }): Promise<string> => {
    const cipher = new library.SessionCipher(to, address);
    const plain =
      type === PRE_KEY_MESSAGE
        ? await cipher.decryptPreKeyWhisperMessage(body)
        : await cipher.decryptWhisperMessage(body);
    return plain.toString();
  };

  beforeEach(async () => {
    await loadBaileys();
    library = require('libsignal') as Library;
    [hotel, guest] = [new Storage(library), new Storage(library)];
    address = new library.ProtocolAddress('peer', 0);
    await new library.SessionBuilder(guest, address).initOutgoing(hotel.bundle(1));
    await read(hotel, await send(guest, 'Guten Tag'));
    await read(guest, await send(hotel, 'Guten Tag!'));
  });

  it('is read without harm to the newest session, in both directions', async () => {
    const backlog = [await send(guest, 'one'), await send(guest, 'two')];
    await new library.SessionBuilder(hotel, address).initOutgoing(guest.bundle(2));
    const newest = hotel.openSession();
    for (const [index, message] of backlog.entries()) expect(await read(hotel, message)).toBe(['one', 'two'][index]);
    expect(hotel.openSession()).toEqual(newest);
    expect(await read(guest, await send(hotel, 'in the new session'))).toBe('in the new session');
    expect(await read(hotel, await send(guest, 'and back'))).toBe('and back');
  });

  it('that fits nowhere changes nothing', async () => {
    const before = hotel.openSession();
    const garbled = await send(guest, 'one');
    garbled.body[garbled.body.length - 1] = (garbled.body.at(-1) ?? 0) ^ 1;
    await expect(read(hotel, garbled)).rejects.toThrow('No matching sessions');
    expect(hotel.openSession()).toEqual(before);
  });
});
