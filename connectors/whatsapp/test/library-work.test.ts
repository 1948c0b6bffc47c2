import type { BinaryNode } from '@whiskeysockets/baileys';
import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { LibraryWork } from '../library-work.ts';

let clock: VirtualClock;
let work: LibraryWork;

beforeEach(() => {
  clock = new VirtualClock();
  work = new LibraryWork({ clock });
});

function message(...types: string[]): { stanza: BinaryNode; parts: Uint8Array[] } {
  const parts = types.map((_, n) => Uint8Array.of(n));
  const content = types.map((type, n) => ({ tag: 'enc', attrs: { type }, content: parts[n] ?? new Uint8Array(0) }));
  return { stanza: { tag: 'message', attrs: {}, content }, parts };
}

function finish({ stanza, parts }: ReturnType<typeof message>): void {
  work.reached(stanza);
  for (const part of parts) work.finished(stanza, part);
}

describe('the work that lies with the library', () => {
  it('is as old as its oldest message', async () => {
    const [first, second] = [message('msg'), message('msg')];
    expect(work.oldestMs()).toBe(0);
    work.arrived(first.stanza);
    await clock.advance(2_000);
    work.arrived(second.stanza);
    await clock.advance(1_000);
    expect(work.oldestMs()).toBe(3_000);
    finish(first);
    expect(work.oldestMs()).toBe(1_000);
    finish(second);
    expect(work.oldestMs()).toBe(0);
  });

  it('holds a message until each part of it is read', async () => {
    const group = message('pkmsg', 'skmsg');
    work.arrived(group.stanza);
    await clock.advance(1_000);
    work.finished(group.stanza, group.parts[0] ?? new Uint8Array(0));
    expect(work.oldestMs()).toBe(1_000);
    work.finished(group.stanza, group.parts[1] ?? new Uint8Array(0));
    expect(work.oldestMs()).toBe(0);
  });

  it('lets go of a message that the library left aside, once it has come to a later one', async () => {
    const [odd, next] = [message('msg'), message('msg')];
    work.arrived(odd.stanza);
    work.arrived(next.stanza);
    await clock.advance(1_000);
    work.reached(next.stanza);
    work.finished(next.stanza, next.parts[0] ?? new Uint8Array(0));
    expect(work.oldestMs()).toBe(0);
  });

  it('has no message in it that the library refuses unread', async () => {
    work.arrived(message('msmsg').stanza);
    work.arrived({ tag: 'message', attrs: {}, content: [{ tag: 'unavailable', attrs: {} }] });
    work.arrived({ tag: 'message', attrs: {} });
    await clock.advance(1_000);
    expect(work.oldestMs()).toBe(0);
  });
});
