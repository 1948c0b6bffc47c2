import { describe, expect, it } from 'vitest';
import type { StoredVersion } from '../../../src/engine/ports/index.ts';
import { newVersion } from '../../../src/engine/version-facts.ts';
import { listVersions } from '../../../src/engine/version-list.ts';

const stored = (version: string, more: Partial<StoredVersion> = {}): StoredVersion => ({
  ...newVersion(version, 'shipped'),
  channel: 'fake',
  network: 'public',
  ...more,
});
const order = (version: string): readonly number[] | undefined =>
  /^\d+(\.\d+)*$/.test(version) ? version.split('.').map(Number) : undefined;
const list = (rows: readonly StoredVersion[], listed = ['2.10', '2.9'], by: typeof order | undefined = order) => {
  const found = listVersions({ listed, shipped: ['2.10', '2.9'], order: by, stored: rows });
  return { wanted: found?.wanted, rungs: found?.rungs.map(({ version, origin }) => `${version} ${origin}`) };
};

describe('the ladder of a channel', () => {
  it('is what the connector lists, in its order, with what is remembered of each', () => {
    expect(list([])).toEqual({ wanted: '2.10', rungs: ['2.10 shipped', '2.9 shipped'] });
    expect(list([], ['2.9', '3.0'])).toEqual({ wanted: '2.9', rungs: ['2.9 shipped', '3.0 operator'] });
    const found = listVersions({
      listed: ['2.10'],
      shipped: ['2.10'],
      order,
      stored: [stored('2.10', { lastWorkedAt: 7, failingSince: 9 })],
    });
    expect(found?.rungs[0]).toMatchObject({ lastWorkedAt: 7, failingSince: 9 });
  });

  it('keeps what an earlier release learnt to work, in its place by number, and never prefers it', () => {
    const rows = [
      stored('2.8', { lastWorkedAt: 5 }),
      stored('2.11', { lastWorkedAt: 5 }),
      stored('2.9.5', { lastWorkedAt: 1 }),
    ];
    expect(list(rows)).toEqual({
      wanted: '2.10',
      rungs: ['2.11 learnt', '2.10 shipped', '2.9.5 learnt', '2.9 shipped', '2.8 learnt'],
    });
  });

  it('leaves out what never worked, and what this release cannot announce', () => {
    expect(list([stored('2.8'), stored('old/1', { lastWorkedAt: 5 })]).rungs).toHaveLength(2);
    expect(list([stored('2.8', { lastWorkedAt: 5 })], undefined, undefined).rungs).toHaveLength(3);
    const found = listVersions({
      listed: ['2.10'],
      shipped: [],
      order: undefined,
      stored: [stored('2.8', { lastWorkedAt: 5 })],
    });
    expect(found?.rungs).toHaveLength(1);
  });

  it('prefers a pinned version, and what the network publishes only while it is accepted', () => {
    expect(list([stored('2.9', { pinned: true })]).wanted).toBe('2.9');
    expect(list([stored('2.5', { pinned: true, origin: 'operator' })])).toMatchObject({ wanted: '2.5' });
    expect(list([stored('2.12', { origin: 'live' })])).toMatchObject({ wanted: '2.10' });
    expect(list([stored('2.12', { origin: 'live', lastWorkedAt: 5 })])).toMatchObject({ wanted: '2.12' });
    expect(list([stored('2.12', { origin: 'live', lastWorkedAt: 5, failingSince: 6 })])).toMatchObject({
      wanted: '2.10',
    });
    expect(list([stored('2.1', { origin: 'live', lastWorkedAt: 5 })])).toMatchObject({ wanted: '2.10' });
  });

  it('is none where the connector lists nothing', () => {
    expect(list([stored('2.8', { lastWorkedAt: 5 })], [])).toEqual({ wanted: undefined, rungs: undefined });
  });
});
