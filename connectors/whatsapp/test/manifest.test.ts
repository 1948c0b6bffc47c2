import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import { findConnector } from '../../registry.ts';
import { manifest } from '../manifest.ts';
import { WHATSAPP_ROOT } from '../trust.ts';
import { parseVersion, versionSource } from '../versions.ts';

const ROOT = Buffer.alloc(32, 7).toString('base64');

describe('an address written by a caller', () => {
  it.each(['+4915112345678', '+15551234567', '+442071838750'])('keeps the E.164 number %s', (text) => {
    expect(manifest.parseAddress(text)).toEqual({ ok: true, kind: 'direct', address: text });
  });

  it.each([
    '0049 15112345678',
    '+49 151 12345678',
    '4915112345678',
    '+49151',
    '+1555123456789',
    '+0123456789',
    'lid:',
    'lid:12a4',
    'group:',
    'group:../../etc',
    '4915112345678@s.whatsapp.net',
    '',
    '+49151123456\n78',
  ])('refuses %j and says what was expected', (text) => {
    const reading = manifest.parseAddress(text);
    expect(reading).toMatchObject({ ok: false, expected: expect.stringContaining('E.164') });
  });

  it('tells hidden users from groups, old and new', () => {
    expect(manifest.parseAddress('lid:100000000000001')).toMatchObject({ ok: true, kind: 'direct' });
    expect(manifest.parseAddress('group:120363041234567890')).toMatchObject({ ok: true, kind: 'group' });
    expect(manifest.parseAddress('group:4915112345678-1612345678')).toMatchObject({ ok: true, kind: 'group' });
  });
});

describe('a message id', () => {
  it('has the shape that WhatsApp Web uses and depends on the random source alone', () => {
    const id = manifest.createMessageId(seededRandom(1));
    expect(id).toMatch(/^3EB0[0-9A-F]{18}$/);
    expect(manifest.createMessageId(seededRandom(1))).toBe(id);
    expect(manifest.createMessageId(seededRandom(2))).not.toBe(id);
  });
});

describe('the configuration', () => {
  const accepts = (config: unknown): boolean => manifest.configSchema.safeParse(config).success;

  it('is empty for the network itself', () => {
    expect(accepts({})).toBe(true);
    expect(manifest.isPrivateEndpoint({})).toBe(false);
  });

  it('takes a private endpoint with its trust', () => {
    const config = { endpoint: 'ws://127.0.0.1:4000/ws/chat', trustedRoots: [ROOT], caFile: '/etc/ca.pem' };
    expect(accepts(config)).toBe(true);
    expect(manifest.isPrivateEndpoint(manifest.configSchema.parse(config))).toBe(true);
  });

  it("does not take WhatsApp's own servers for private ones, however they are written", () => {
    for (const host of ['web.whatsapp.com', 'WEB.WhatsApp.com', 'web.whatsapp.com.', 'g.whatsapp.net']) {
      expect(manifest.isPrivateEndpoint({ endpoint: `wss://${host}/ws/chat`, trustedRoots: [ROOT] })).toBe(false);
    }
    expect(manifest.isPrivateEndpoint({ endpoint: 'wss://notwhatsapp.com/ws', trustedRoots: [ROOT] })).toBe(true);
  });

  it('does not take for private what WhatsApp itself could stand behind, such as a relay or its address', () => {
    const own = Buffer.from(WHATSAPP_ROOT).toString('base64');
    for (const endpoint of ['ws://127.0.0.1:4000/ws/chat', 'wss://157.240.0.60/ws/chat']) {
      expect(manifest.isPrivateEndpoint({ endpoint })).toBe(false);
      expect(manifest.isPrivateEndpoint({ endpoint, trustedRoots: [ROOT, own] })).toBe(false);
    }
  });

  it("never lets trust be changed for WhatsApp's own servers", () => {
    expect(accepts({ trustedRoots: [ROOT] })).toBe(false);
    expect(accepts({ endpoint: 'wss://web.whatsapp.com/ws/chat', trustedRoots: [ROOT] })).toBe(false);
    expect(accepts({ caFile: '/etc/ca.pem' })).toBe(false);
  });

  it.each([
    { endpoint: 'http://127.0.0.1' },
    { endpoint: 'ws://192.0.2.1/' },
    { endpoint: 'wss://user:secret@example.org' },
    { endpoint: 'wss://private.example', trustedRoots: ['short'] },
    { versions: [] },
    { versions: [[2, 3000]] },
    { versions: ['2.3000.1'] },
    { verisons: [] },
  ])('refuses %j', (config) => {
    expect(accepts(config)).toBe(false);
  });
});

describe('client versions', () => {
  it('come from the configuration, else from this release', () => {
    expect(
      versionSource.known({
        versions: [
          [2, 3000, 2],
          [2, 3000, 1],
        ],
      }),
    ).toEqual(['2.3000.2', '2.3000.1']);
    expect(parseVersion(versionSource.known({})[0])).toEqual([2, 3000, expect.any(Number)]);
  });

  it('are refused when they are no three numbers', () => {
    for (const text of ['2.3000', '2.3000.x', '2.3000.1.1', '']) expect(parseVersion(text)).toBeUndefined();
  });
});

describe('the registry', () => {
  it('knows the channel without loading its library', () => {
    expect(findConnector('whatsapp')?.manifest).toBe(manifest);
    expect(findConnector('pigeon')).toBeUndefined();
  });

  it('loads the connector when asked', async () => {
    const { connector } = (await findConnector('whatsapp')?.load()) ?? {};
    expect(connector?.manifest).toBe(manifest);
    expect(connector?.versions?.known({})).toHaveLength(versionSource.known({}).length);
  });
});
