import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { destinationOf } from '../chats.ts';
import { addressOfJid, bareJid, jidOfAddress, nativeId, parseJid, recoveredId } from '../ids.ts';
import { manifest } from '../manifest.ts';

const digits = fc.stringMatching(/^[1-9]\d{6,17}$/);

describe('addresses', () => {
  it('are the same after a way through the network’s form, whatever the device', () => {
    fc.assert(
      fc.property(digits, fc.constantFrom('s.whatsapp.net', 'lid', 'g.us'), fc.nat(99), (user, server, device) => {
        const jid = `${user}@${server}`;
        const address = addressOfJid(jid) ?? '';
        expect(jidOfAddress(address)).toBe(jid);
        expect(addressOfJid(`${user}:${device}@${server}`)).toBe(address);
        expect(bareJid(`${user}_1:${device}@${server}`)).toBe(jid);
        expect(parseJid(`${user}:${device}@${server}`)?.device).toBe(device);
      }),
    );
  });

  it('that the manifest accepts can be written to', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          digits.map((user) => `+${user}`),
          digits.map((user) => `lid:${user}`),
        ),
        (text) => {
          const reading = manifest.parseAddress(text);
          if (reading.ok) expect(destinationOf({ kind: reading.kind, addresses: [reading.address] })).toBeDefined();
        },
      ),
    );
  });

  it('of nobody in particular are none', () => {
    for (const jid of ['status@broadcast', '12@newsletter', '13135550002@bot', '@s.whatsapp.net', 'x', '', null]) {
      expect(addressOfJid(jid)).toBeUndefined();
    }
  });

  it('prefer the phone number as the destination', () => {
    expect(destinationOf({ kind: 'direct', addresses: ['lid:100', '+4930111111'] })).toBe('4930111111@s.whatsapp.net');
    expect(destinationOf({ kind: 'direct', addresses: ['lid:100'] })).toBe('100@lid');
    expect(destinationOf({ kind: 'direct', addresses: ['@name'] })).toBeUndefined();
  });
});

it('the id of a recovered message leads back to the one that the network knows', () => {
  expect(nativeId(recoveredId('3EB0AA'))).toBe('3EB0AA');
  expect(nativeId('3EB0AA')).toBe('3EB0AA');
});
