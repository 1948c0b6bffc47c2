import { beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../../src/engine/ports/index.ts';
import { openStoreParts } from '../../support/open-store-parts.ts';
import { ANN, accept, inbound, linkSession, outbound, person, SESSION } from '../../support/store-fixture.ts';
import type { VirtualClock } from '../../support/virtual-clock.ts';

let opened: ReturnType<typeof openStoreParts>;
let store: Store;
let clock: VirtualClock;

beforeEach(async () => {
  opened = openStoreParts();
  ({ store, clock } = opened);
  await linkSession(store, clock);
});

/** What is kept in memory beside what the file says. */
function kept(conversationId: string): { fromMemory: unknown; fromFile: unknown } {
  const { conversations, guests } = opened.parts;
  const look = (): unknown => {
    const row = conversations.get(conversationId);
    return [row, row?.conversation.guests.map(({ id }) => [guests.get(id), conversations.ofGuest(id)])];
  };
  const fromMemory = look();
  conversations.forget();
  guests.forget();
  return { fromMemory, fromFile: look() };
}

describe('guests and conversations kept in memory', () => {
  it('are what the file says, after sending, receiving, renaming and a merge', async () => {
    const message = await accept(store, 'N1');
    await store.recordInbound(inbound('I1', clock.now(), { from: person('lid:77') }));
    await store.recordInbound(inbound('I2', clock.now(), { from: { ...person(ANN, 'lid:77'), displayName: 'Ann' } }));
    await accept(store, 'N2');
    const { fromMemory, fromFile } = kept(message.conversationId);
    expect(fromMemory).toEqual(fromFile);
  });

  it('hold nothing of an operation that was undone', async () => {
    const attachment = { mediaId: 'med_00000000000000000000000000', kind: 'file', filename: null } as const;
    await expect(store.acceptMessages([outbound('N1', { attachments: [attachment] })])).rejects.toMatchObject({
      code: 'media_not_found',
    });
    const route = await store.findRoute({ property: 'main', channel: 'whatsapp', address: ANN });
    expect([route.guest, route.conversation]).toEqual([null, null]);
    expect((await accept(store, 'N2')).seq).toBe(2);
  });

  it('are not changed through what was handed out', async () => {
    const message = await accept(store, 'N1');
    const row = opened.parts.conversations.get(message.conversationId);
    if (row !== undefined) row.conversation.lastSeq = 99;
    expect((await store.getConversation(message.conversationId, null))?.lastSeq).toBe(2);
    expect((await store.findRoute({ property: 'main', channel: 'whatsapp', address: ANN })).lastSessionId).toBe(
      SESSION,
    );
  });
});
