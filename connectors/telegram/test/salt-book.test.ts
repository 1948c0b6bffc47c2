import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { SaltBook } from '../mtproto/salt-book.ts';

const HOUR = 3600;
const NOW = 1_800_000_000;
const salts = [0, 1, 2].map((hour) => ({
  salt: BigInt(hour + 1),
  validSince: NOW - 100 + hour * HOUR,
  validUntil: NOW - 100 + (hour + 1) * HOUR,
}));

describe('the salts of a connection', () => {
  it('follow each other by the time of the server, whatever the clock here says', async () => {
    const clock = new VirtualClock(0);
    const book = new SaltBook({ clock });
    expect(book.isShort).toBe(false); // nothing can be asked before the first one
    book.name(1n);
    expect(book.isShort).toBe(true);
    book.learn(NOW, salts);
    expect([book.current, book.isShort]).toEqual([1n, false]);
    clock.jump(-HOUR * 1000 * 24);
    await clock.advance((HOUR - 101) * 1000);
    expect(book.current).toBe(1n);
    await clock.advance(2_000);
    expect([book.current, book.isShort]).toEqual([2n, true]);
  });

  it('are those that the server names, and forgotten where it names another', () => {
    const book = new SaltBook({ clock: new VirtualClock() });
    book.name(1n);
    book.learn(NOW, salts);
    book.name(2n);
    expect([book.current, book.isShort]).toEqual([2n, true]);
    book.learn(NOW, salts);
    book.name(77n);
    expect([book.current, book.isShort]).toEqual([77n, true]);
  });

  it('are asked for once', () => {
    const book = new SaltBook({ clock: new VirtualClock() });
    book.name(1n);
    book.isAsking = true;
    expect(book.isShort).toBe(false);
  });
});
