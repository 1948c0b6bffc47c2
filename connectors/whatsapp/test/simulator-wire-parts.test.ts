import { Curve, proto } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import { seededRandom, systemRandom } from '../../../src/core/random.ts';
import { completeIdentity, vouchFor } from '../simulator/device-identity.ts';
import { parseJid } from '../simulator/jid.ts';
import { Ledger } from '../simulator/ledger.ts';
import { Mailbox } from '../simulator/mailbox.ts';
import { fromJsonStanza, stanzaSchema, toJsonStanza } from '../simulator/stanza-json.ts';
import { NoiseAuthority } from '../simulator/wire/certificates.ts';
import { agree, makeKeyPair, signMessage, verifySignature } from '../simulator/wire/curve.ts';
import { FrameReader, writeFrame } from '../simulator/wire/frames.ts';
import { NOISE_HEADER } from '../simulator/wire/noise.ts';
import { bytesOf, decodeStanza, encodeStanza, node, textOf } from '../simulator/wire/stanza.ts';

describe('curve', () => {
  it('accepts genuine signatures of both sign bits and rejects every altered one', () => {
    const random = seededRandom(7);
    const signBits = new Set<number>();
    for (let round = 0; round < 12; round += 1) {
      const pair = makeKeyPair(random);
      const message = random.bytes(40);
      const signature = signMessage(pair.privateKey, message);
      signBits.add(signature[63]! & 0x80);
      expect(verifySignature(pair.publicKey, message, signature)).toBe(true);
      const at = (round * 5) % 64;
      const forged = Uint8Array.from(signature, (byte, index) => (index === at ? byte ^ 1 : byte));
      expect(verifySignature(pair.publicKey, message, forged)).toBe(false);
      expect(verifySignature(pair.publicKey, random.bytes(40), signature)).toBe(false);
      expect(verifySignature(makeKeyPair(random).publicKey, message, signature)).toBe(false);
    }
    expect(signBits).toEqual(new Set([0, 0x80]));
  });

  it('rejects keys and signatures of the wrong length', () => {
    const pair = makeKeyPair(systemRandom);
    expect(verifySignature(pair.publicKey.subarray(1), Buffer.of(1), Buffer.alloc(64))).toBe(false);
    expect(verifySignature(pair.publicKey, Buffer.of(1), Buffer.alloc(63))).toBe(false);
  });

  it('agrees with the clients’ own Diffie-Hellman', () => {
    const ours = makeKeyPair(systemRandom);
    const theirs = Curve.generateKeyPair();
    const shared = Curve.sharedKey(theirs.private, ours.publicKey);
    expect(Buffer.from(agree(ours.privateKey, theirs.public))).toEqual(Buffer.from(shared));
  });
});

describe('device identity', () => {
  const account = makeKeyPair(systemRandom);
  const companion = makeKeyPair(systemRandom);
  const vouched = vouchFor(
    {
      accountKey: {
        publicKey: account.publicKey,
        sign: (message) => signMessage(account.privateKey, message),
      },
      onCompanionLinked: async () => undefined,
      onCompanionOnline: async () => undefined,
    },
    companion.publicKey,
    { keyIndex: 1, rawId: 7, timestampSeconds: 1_800_000_000 },
  );
  const signed = Buffer.concat([Buffer.of(6, 1), vouched.details, companion.publicKey, account.publicKey]);
  const answer = {
    details: vouched.details,
    accountSignature: vouched.accountSignature,
    deviceSignature: signMessage(companion.privateKey, signed),
  };
  const complete = (changes: Partial<typeof answer>) =>
    completeIdentity(
      vouched,
      companion.publicKey,
      proto.ADVSignedDeviceIdentity.encode({ ...answer, ...changes }).finish(),
    );

  it('is complete when both have signed', () => {
    const completed = complete({});
    if ('problem' in completed) throw new Error(completed.problem);
    const whole = proto.ADVSignedDeviceIdentity.decode(completed.identity);
    expect(Buffer.from(whole.accountSignatureKey ?? [])).toEqual(Buffer.from(account.publicKey));
    expect(Buffer.from(whole.deviceSignature ?? [])).toEqual(Buffer.from(answer.deviceSignature));
  });

  it.each([
    ['details', { details: Buffer.of(1) }, 'other device details'],
    ['account signature', { accountSignature: Buffer.alloc(64) }, 'another account signature'],
    ['device signature', { deviceSignature: signMessage(account.privateKey, signed) }, 'does not verify'],
  ])('is refused with foreign %s', (_name, changes, problem) => {
    expect(complete(changes)).toEqual({ problem: expect.stringContaining(problem) as string });
  });
});

describe('noise authority', () => {
  it('keeps root and static key over a restart, and shows an impostor’s static key only when asked', () => {
    const first = new NoiseAuthority({ random: systemRandom });
    const { root, static: staticKey } = first.privateKeys;
    const second = new NoiseAuthority({ random: systemRandom, rootPrivateKey: root, staticPrivateKey: staticKey });
    expect(second.rootKey).toEqual(first.rootKey);
    const genuine = second.credentials('genuine');
    expect(genuine.staticKey.publicKey).toEqual(first.credentials('genuine').staticKey.publicKey);
    expect(second.credentials('replayed').staticKey.publicKey).not.toEqual(genuine.staticKey.publicKey);
  });
});

describe('frames', () => {
  const frames = [Buffer.from('first'), Buffer.alloc(300, 1), Buffer.alloc(0)];
  const body = Buffer.concat(frames.map((frame) => writeFrame(frame)));
  const read = (stream: Buffer, step: number): Buffer[] => {
    const reader = new FrameReader();
    const found: Buffer[] = [];
    for (let at = 0; at < stream.length; at += step) {
      found.push(...reader.push(stream.subarray(at, at + step)).map((frame) => Buffer.from(frame)));
    }
    return found;
  };

  it.each([1, 7, 1_000])('come out whole however the bytes are cut (%i at a time)', (step) => {
    expect(read(Buffer.concat([NOISE_HEADER, body]), step)).toEqual(frames);
  });

  it('may be preceded by routing information', () => {
    const routing = Buffer.concat([Buffer.from('ED\0\x01', 'latin1'), writeFrame(Buffer.from('edge'))]);
    expect(read(Buffer.concat([routing, NOISE_HEADER, body]), 3)).toEqual(frames);
  });

  it('may be longer than two bytes can count', () => {
    const large = Buffer.alloc(70_000, 1);
    expect(read(Buffer.concat([NOISE_HEADER, writeFrame(large)]), 4096)).toEqual([large]);
  });

  it('must begin with the header', () => {
    expect(() => new FrameReader().push(Buffer.from('GET / HTTP/1.1'))).toThrow('Noise header');
  });
});

describe('stanzas', () => {
  it('are compressed when they are large, and come back the same', async () => {
    const children = Array.from({ length: 400 }, (_, index) => node('item', { id: `item number ${index}` }));
    const encoded = encodeStanza(node('iq', { type: 'result' }, children));
    expect(encoded[0]).toBe(2);
    expect((await decodeStanza(encoded)).content).toHaveLength(400);
  });

  it('survive JSON with their bytes', () => {
    const stanza = node('message', { id: '1' }, [
      node('enc', { v: '2' }, Buffer.of(0, 255)),
      node('text', {}, 'a'),
      node('x'),
    ]);
    const back = fromJsonStanza(stanzaSchema.parse(JSON.parse(JSON.stringify(toJsonStanza(stanza)))));
    expect(back).toEqual(stanza);
  });

  it('give their content as bytes or text whatever the decoder made of it', () => {
    expect(bytesOf(node('a', {}, 'hi'))).toEqual(Buffer.from('hi'));
    expect(textOf(node('a', {}, Buffer.from('hi')))).toBe('hi');
    expect(bytesOf(node('a', {}, [node('b')]))).toBeUndefined();
  });
});

describe('addresses', () => {
  it.each([
    ['4915@s.whatsapp.net', { user: '4915', device: 0, server: 's.whatsapp.net' }],
    ['1000:12@lid', { user: '1000', device: 12, server: 'lid' }],
    ['@s.whatsapp.net', { user: '', device: 0, server: 's.whatsapp.net' }],
    ['nobody', undefined],
  ])('%s', (text, parsed) => expect(parseJid(text)).toEqual(parsed));
});

describe('mailbox', () => {
  const stanza = node('message', { id: 'M', from: '1@lid' });
  const answer = {
    tag: 'message',
    id: 'M',
    to: '1@lid',
    participant: undefined,
    recipient: undefined,
    type: undefined,
  };

  it('keeps a stanza until it was sent and answered', () => {
    const mailbox = new Mailbox();
    const letter = mailbox.add(stanza);
    expect(mailbox.settle(answer)).toBe('unknown');
    letter.sentAt = 1;
    expect(mailbox.settle({ ...answer, to: '2@lid' })).toBe('unknown');
    expect(mailbox.settle({ ...answer, to: '1:3@lid' })).toBe('settled');
    expect(mailbox.settle(answer)).toBe('known');
    expect(mailbox.letters).toEqual([]);
  });

  it('owes everything again on the next connection', () => {
    const mailbox = new Mailbox();
    mailbox.add(stanza).sentAt = 1;
    expect(mailbox.owed()).toHaveLength(1);
    mailbox.disconnect();
    expect(mailbox.owed()).toEqual([]);
    expect(mailbox.letters).toHaveLength(1);
  });

  it('gives a refusal that follows a retry to the first copy, not to the one sealed again', () => {
    const mailbox = new Mailbox();
    mailbox.expectNack('M');
    expect(mailbox.takeNack('M')).toBe(true);
    expect(mailbox.takeNack('M')).toBe(false);
  });

  it('tells acknowledgements of one id apart by class, type and address', () => {
    const mailbox = new Mailbox();
    for (const attrs of [
      { id: 'R', from: '1@lid' },
      { id: 'R', from: '1@lid', type: 'read' },
    ]) {
      mailbox.add(node('receipt', attrs)).sentAt = 1;
    }
    const ack = { ...answer, tag: 'receipt', id: 'R' };
    expect(mailbox.settle({ ...ack, type: 'read' })).toBe('settled');
    expect(mailbox.letters.map(({ stanza: left }) => left.attrs['type'])).toEqual([undefined]);
    expect(mailbox.settle(ack)).toBe('settled');
  });
});

describe('ledger', () => {
  it('counts what came again unasked, per sender and chat, and lets asked-for copies pass', () => {
    const ledger = new Ledger();
    expect(ledger.accept('a', 'chat', 'M')).toBe(true);
    expect(ledger.accept('b', 'chat', 'M')).toBe(true);
    expect(ledger.duplicates).toBe(0);
    ledger.expectResend('a', 'chat', 'M');
    ledger.mode = 'server';
    expect(ledger.accept('a', 'chat', 'M')).toBe(true);
    expect(ledger.duplicates).toBe(0);
    expect(ledger.accept('a', 'chat', 'M')).toBe(false);
    expect(ledger.duplicates).toBe(1);
    expect(ledger.arrivalsOf('M')).toBe(4);
  });
});
