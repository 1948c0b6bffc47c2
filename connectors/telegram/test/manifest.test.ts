import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import { findConnector } from '../../registry.ts';
import { createMessageId, messageIdOf, randomIdOf, readAddress } from '../ids.ts';
import { manifest } from '../manifest.ts';

const HASH = 'f'.repeat(32);

describe('an address written by a caller', () => {
  it.each(['+4915112345678', 'id:5000000001', '@grand_hotel'])('keeps %s as a person', (text) => {
    expect(manifest.parseAddress(text)).toEqual({ ok: true, kind: 'direct', address: text });
  });

  it.each(['group:4123456789', 'group:c1234567890'])('keeps %s as a group', (text) => {
    expect(manifest.parseAddress(text)).toEqual({ ok: true, kind: 'group', address: text });
  });

  it('writes names in lower case, because Telegram does not tell them apart', () => {
    expect(manifest.parseAddress('@Grand_Hotel')).toEqual({ ok: true, kind: 'direct', address: '@grand_hotel' });
  });

  it.each([
    '0049 15112345678',
    '4915112345678',
    '+49151',
    '+1555123456789',
    '@abc',
    '@1hotel',
    '@hotel-front',
    'https://t.me/hotel',
    'id:',
    'id:0',
    'id:12a4',
    'group:',
    'group:-100123',
    'group:cc1',
    '',
    '+49151123456\n78',
    'id:5\n',
  ])('refuses %j and says what was expected', (text) => {
    expect(manifest.parseAddress(text)).toMatchObject({ ok: false, expected: expect.stringContaining('@name') });
  });

  it('takes apart what it kept', () => {
    expect(readAddress('group:c77')).toEqual({ type: 'channel', id: 77n });
    expect(readAddress('group:77')).toEqual({ type: 'chat', id: 77n });
    expect(readAddress('id:9223372036854775807')).toEqual({ type: 'user', id: 9_223_372_036_854_775_807n });
    expect(readAddress('lid:1')).toBeUndefined();
  });
});

describe('a message id', () => {
  it('is a random id of 63 bits that depends on the random source alone', () => {
    const id = createMessageId(seededRandom(1));
    expect(createMessageId(seededRandom(1))).toBe(id);
    expect(createMessageId(seededRandom(2))).not.toBe(id);
    expect(id).toBe(`r${randomIdOf(id)}`);
  });

  it.each([0x00, 0xff])('is never 0 nor negative, even of bytes that are all %d', (byte) => {
    const drawn = randomIdOf(createMessageId({ next: () => 0, bytes: (length) => new Uint8Array(length).fill(byte) }));
    expect(drawn).toBeGreaterThan(0n);
    expect(drawn).toBeLessThan(2n ** 63n);
  });

  it('is told from the ids that Telegram gives', () => {
    expect(messageIdOf('4711')).toBe(4711);
    expect(messageIdOf('r4711')).toBeUndefined();
    expect(randomIdOf('4711')).toBeUndefined();
  });
});

describe('the configuration', () => {
  const reads = (config: unknown): boolean => manifest.configSchema.safeParse(config).success;
  const isPrivate = (config: Record<string, unknown>): boolean =>
    manifest.isPrivateEndpoint(manifest.configSchema.parse(config));
  const people = { apiId: 1, apiHash: HASH };
  const box = { host: '127.0.0.1', port: 4430, dcId: 2 };
  const serverKeys = ['-----BEGIN RSA PUBLIC KEY-----'];

  it('needs the hash with the id', () => {
    expect(reads(people)).toBe(true);
    expect(reads({ apiId: 1 })).toBe(false);
  });

  it('is private where every kind of account stays on a private server', () => {
    expect(isPrivate({ ...people, endpoint: box, serverKeys })).toBe(true);
    expect(isPrivate({ ...people, endpoint: box, serverKeys, botApi: 'http://127.0.0.1:9000' })).toBe(true);
    expect(isPrivate({ botApi: 'http://127.0.0.1:9000' })).toBe(true);
  });

  it('is not private while one kind of account can reach Telegram', () => {
    expect(isPrivate({})).toBe(false);
    expect(isPrivate(people)).toBe(false);
    expect(isPrivate({ ...people, botApi: 'http://127.0.0.1:9000' })).toBe(false);
    expect(isPrivate({ ...people, endpoint: box, serverKeys, botApi: 'https://api.telegram.org' })).toBe(false);
  });

  it('is not private where Telegram itself could stand behind a relay', () => {
    expect(isPrivate({ ...people, endpoint: box })).toBe(false);
  });

  it.each(['149.154.167.50', '91.108.56.130', '2001:67c:4e8:f002::a', 'venus.web.telegram.org', 'TELEGRAM.ORG.'])(
    'knows that %s is Telegram itself',
    (host) => {
      expect(isPrivate({ ...people, serverKeys, endpoint: { ...box, host } })).toBe(false);
    },
  );
});

describe('the channel', () => {
  it('is in the list of channels and loads', async () => {
    const { connector } = (await findConnector('telegram')?.load()) ?? {};
    expect(connector?.manifest).toBe(manifest);
  });

  it('can do for a bot what bots can, and promises nothing more before the account is known', () => {
    expect(manifest.capabilitiesFor('direct', 'user')).toMatchObject({ readMarks: true, maxButtons: 0 });
    expect(manifest.capabilitiesFor('direct', 'bot').readMarks).toBe(false);
    expect(manifest.capabilitiesFor('direct', 'bot').maxButtons).toBeGreaterThan(0);
    expect(manifest.capabilitiesFor('group')).toMatchObject({ readMarks: false, maxButtons: 0 });
  });
});
