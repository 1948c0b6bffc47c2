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

  it('are two alerts when they are two', () => {
    const town = new Town(...ids);
    for (const id of ['a', 'b']) town.set(id, 'backing_off', reason('none'));
    town.pass(5 * MINUTE_MS);
    expect(town.said).toEqual(['opened: a (WhatsApp) is down', 'opened: b (WhatsApp) is down']);
  });
});
