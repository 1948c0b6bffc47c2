import { describe, expect, it } from 'vitest';
import { systemRandom } from '../../../src/core/random.ts';
import { EnvelopeBroken, GramjsEnvelope } from '../mtproto/gramjs-envelope.ts';
import { AuthKey } from '../simulator/wire/auth-key.ts';
import { openEnvelope, sealEnvelope } from '../simulator/wire/envelope.ts';

describe("the envelope on gramjs' cipher", () => {
  const authKey = systemRandom.bytes(256);
  const envelope = new GramjsEnvelope({ authKey, random: systemRandom });
  const message = { salt: 5n, sessionId: -6n, msgId: 41n, seqno: 3, body: Buffer.from('0123456789abcdef') };
  const sealed = (): Buffer =>
    sealEnvelope({ id: AuthKey.idOf(authKey), bytes: authKey }, message, { from: 'server', random: systemRandom });

  it('opens what the server sealed, and seals what the server opens', () => {
    const { body, id, salt, seqNo, sessionId } = envelope.open(sealed());
    expect({ body: body.toString(), id, salt, seqNo, sessionId }).toEqual({
      body: '0123456789abcdef',
      id: 41n,
      salt: 5n,
      seqNo: 3,
      sessionId: -6n,
    });
    for (let length = 4; length < 80; length += 4) {
      const packet = envelope.seal({ salt: 1n, sessionId: 2n, id: 44n, seqNo: 7 }, Buffer.alloc(length, 9));
      const opened = openEnvelope(Buffer.from(authKey), packet, 'client');
      expect(opened).toMatchObject({ salt: 1n, sessionId: 2n, msgId: 44n, seqno: 7 });
      expect(Buffer.from(opened.body)).toEqual(Buffer.alloc(length, 9));
    }
  });

  it('takes no packet that anybody changed, cut off or sealed with another key', () => {
    const packet = sealed();
    for (let at = 0; at < packet.length; at += 1) {
      const changed = Buffer.from(packet);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => envelope.open(changed)).toThrow(EnvelopeBroken);
    }
    for (let length = 0; length < packet.length; length += 1)
      expect(() => envelope.open(packet.subarray(0, length))).toThrow(EnvelopeBroken);
    const stranger = new GramjsEnvelope({ authKey: systemRandom.bytes(256), random: systemRandom });
    expect(() => stranger.open(packet)).toThrow(EnvelopeBroken);
    expect(() => envelope.open(envelope.seal({ salt: 1n, sessionId: 2n, id: 4n, seqNo: 1 }, Buffer.alloc(64)))).toThrow(
      EnvelopeBroken, // our own, sent back
    );
  });
});
