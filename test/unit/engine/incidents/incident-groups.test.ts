import { describe, expect, it } from 'vitest';
import { MINUTE_MS, reason, SECOND_MS, Town } from './observations.ts';

describe('many sessions of a channel', () => {
  const ids = ['a', 'b', 'c', 'd'];

  it('that go down together are one alert with one all-clear', () => {
    const town = new Town(...ids);
    for (const id of ids) {
      town.set(id, 'backing_off', reason('none'));
      town.pass(5 * SECOND_MS);
    }
    town.pass(10 * MINUTE_MS);
    expect(town.said).toEqual(['opened: 4 sessions of WhatsApp are down']);
    expect(town.open[0]?.alert.sessions).toEqual(ids);
    town.restart();
    for (const id of ids) {
      town.pass(5 * MINUTE_MS);
      town.set(id, 'connected');
    }
    town.pass(2 * MINUTE_MS);
    expect(town.said).toEqual(['opened: 4 sessions of WhatsApp are down', 'closed: 4 sessions of WhatsApp are down']);
  });

  it('are joined without a word by one that follows', () => {
    const town = new Town(...ids, 'late');
    for (const id of ids) town.set(id, 'backing_off', reason('none'));
    town.pass(5 * MINUTE_MS);
    town.set('late', 'backing_off', reason('none'));
    town.pass(5 * MINUTE_MS);
    expect(town.said).toEqual(['opened: 4 sessions of WhatsApp are down']);
    expect(town.open.map(({ alert }) => alert.title)).toEqual(['5 sessions of WhatsApp are down']);
  });

  it('of which one needs a person has an alert of its own for that one', () => {
    const town = new Town(...ids);
    for (const id of ids) town.set(id, 'backing_off', reason('none'));
    town.pass(5 * MINUTE_MS);
    town.set('b', 'logged_out', reason('relink'));
    town.pass(5 * MINUTE_MS);
    expect(town.said).toEqual([
      'opened: 4 sessions of WhatsApp are down',
      'opened: b (WhatsApp) needs you: link it again',
    ]);
    expect(town.open.map(({ members }) => members.length)).toEqual([3, 1]);
  });

  it('that all need a person after they were down are one alert again', () => {
    const town = new Town(...ids);
    for (const id of ids) town.set(id, 'backing_off', reason('none'));
    town.pass(5 * MINUTE_MS);
    for (const id of ids) {
      town.set(id, 'logged_out', reason('relink'));
      town.pass(5 * SECOND_MS);
    }
    town.pass(5 * MINUTE_MS);
    expect(town.said).toEqual([
      'opened: 4 sessions of WhatsApp are down',
      'opened: 4 sessions of WhatsApp need you: link them again',
    ]);
    expect(town.open).toHaveLength(1);
  });

  describe('of which most come back', () => {
    const fleet = Array.from({ length: 40 }, (_, index) => `s${index}`);
    const cut = (): Town => {
      const town = new Town(...fleet);
      for (const id of fleet) town.set(id, 'backing_off', reason('none'));
      town.pass(5 * MINUTE_MS);
      return town;
    };
    const bringBack = (town: Town, ids: readonly string[]): void => {
      for (const id of ids) {
        town.set(id, 'connected');
        town.pass(5 * SECOND_MS);
      }
    };
    const DOWN = 'opened: 40 sessions of WhatsApp are down';

    it('say how many are back, without a word more', () => {
      const town = cut();
      bringBack(town, fleet.slice(0, 37));
      expect(town.said).toEqual([DOWN]);
      expect(town.open[0]?.alert.text).toBe('It happened. 37 of 40 are back.');
      town.restart();
      town.pass(MINUTE_MS);
      expect(town.open[0]?.alert.text).toBe('It happened. 37 of 40 are back.');
      town.set('s0', 'backing_off', reason('none'));
      town.pass(MINUTE_MS);
      expect(town.open[0]?.alert.text).toBe('It happened. 36 of 40 are back.');
      bringBack(town, fleet);
      town.pass(5 * MINUTE_MS);
      expect(town.said).toEqual([DOWN, 'closed: 40 sessions of WhatsApp are down']);
    });

    it('hand the one or two that are left over to alerts of their own, and say the all-clear for the others', () => {
      const town = cut();
      bringBack(town, fleet.slice(0, 38));
      const lastBackAt = town.now - 5 * SECOND_MS;
      town.pass(9 * MINUTE_MS);
      expect(town.said).toEqual([DOWN]);
      town.pass(2 * MINUTE_MS);
      expect(town.said).toEqual([
        DOWN,
        'closed: 40 sessions of WhatsApp are down',
        'opened: s38 (WhatsApp) is down',
        'opened: s39 (WhatsApp) is down',
      ]);
      const [group] = town.saved.values();
      expect(group?.alert).toMatchObject({
        name: '38 of 40 sessions of WhatsApp',
        text: '38 of 40 are back. For s38 and s39 there are alerts of their own.',
        sessions: fleet.slice(0, 38),
        resolution: 'recovered',
        endedAt: new Date(lastBackAt).toISOString(),
      });
      expect(town.open.map(({ alert }) => alert.sessions)).toEqual([['s38'], ['s39']]);
      bringBack(town, ['s38', 's39']);
      town.pass(5 * MINUTE_MS);
      expect(town.open).toEqual([]);
      expect(town.said).toHaveLength(6);
    });

    it('stay a group when several are left, and are told again only when they are the smaller part', () => {
      const town = cut();
      bringBack(town, fleet.slice(0, 15));
      town.pass(30 * MINUTE_MS);
      expect(town.said).toEqual([DOWN]);
      bringBack(town, fleet.slice(15, 35));
      town.pass(15 * MINUTE_MS);
      expect(town.said).toEqual([DOWN, 'updated: 5 sessions of WhatsApp are down']);
      expect(town.open).toHaveLength(1);
      expect(town.open[0]?.alert).toMatchObject({
        text: 'It happened. 35 of 40 are back.',
        sessions: fleet.slice(35),
      });
      town.pass(5 * 60 * MINUTE_MS);
      expect(town.said).toHaveLength(2);
      bringBack(town, fleet.slice(35));
      town.pass(5 * MINUTE_MS);
      expect(town.said.slice(2)).toEqual(['closed: 5 sessions of WhatsApp are down']);
    });

    it('wait for one that somebody is just linking again', () => {
      const town = new Town(...fleet);
      for (const id of fleet) town.set(id, 'logged_out', reason('relink'));
      town.pass(MINUTE_MS);
      bringBack(town, fleet.slice(0, 39));
      town.set('s39', 'linking');
      town.pass(30 * MINUTE_MS);
      expect(town.said).toHaveLength(1);
      town.set('s39', 'logged_out', reason('relink'));
      town.pass(5 * MINUTE_MS);
      expect(town.said.slice(1)).toEqual([
        'closed: 40 sessions of WhatsApp need you: link them again',
        'opened: s39 (WhatsApp) needs you: link it again',
      ]);
    });
  });

  it('are two alerts when they are two', () => {
    const town = new Town(...ids);
    for (const id of ['a', 'b']) town.set(id, 'backing_off', reason('none'));
    town.pass(5 * MINUTE_MS);
    expect(town.said).toEqual(['opened: a (WhatsApp) is down', 'opened: b (WhatsApp) is down']);
  });
});
