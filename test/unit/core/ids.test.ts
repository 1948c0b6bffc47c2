import { describe, expect, it } from 'vitest';
import { IdFactory } from '../../../src/core/ids.ts';
import { seededRandom, systemRandom } from '../../../src/core/random.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

describe('ids', () => {
  it('rise within a millisecond, also where digits carry over', () => {
    const ids = new IdFactory({ clock: new VirtualClock(), random: seededRandom(7) });
    const made = Array.from({ length: 40_000 }, () => ids.next('msg')); // more than three digits of base 32
    expect(made.every((id) => /^msg_[0-9a-hjkmnp-tv-z]{26}$/.test(id))).toBe(true);
    expect(made).toEqual([...made].sort());
    expect(new Set(made).size).toBe(made.length);
  });

  it('rise into the next millisecond when the random digits are used up', async () => {
    const clock = new VirtualClock();
    const ids = new IdFactory({
      clock,
      random: { next: () => 0, bytes: (length) => new Uint8Array(length).fill(31) },
    });
    const last = ids.next('evt');
    const carried = ids.next('evt');
    expect(carried > last).toBe(true);
    await clock.advance(5);
    expect(ids.next('evt') > carried).toBe(true);
  });
});

describe('the random source of the system', () => {
  it('gives the length asked for, across its pool and beyond it', () => {
    for (const length of [0, 1, 9, 64, 65, 5_000]) expect(systemRandom.bytes(length)).toHaveLength(length);
  });

  it('never gives the same bytes twice', () => {
    const drawn = Array.from({ length: 2_000 }, () => Buffer.from(systemRandom.bytes(9)).toString('hex'));
    expect(new Set(drawn).size).toBe(drawn.length);
  });

  it('draws numbers from the whole of [0, 1)', () => {
    const drawn = Array.from({ length: 2_000 }, () => systemRandom.next());
    expect(drawn.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(new Set(drawn.map((value) => Math.floor(value * 10))).size).toBe(10);
  });
});
