import { describe, expect, it } from 'vitest';
import { BellhopError } from '../../../src/core/errors.ts';
import { admin, BASIS, EngineFixture, GUEST, networkCause, testManifest } from '../../support/engine-fixture.ts';
import type { FakeLine } from '../../support/fake-host.ts';
import { settle } from '../../support/virtual-clock.ts';

async function withSent(): Promise<{ fixture: EngineFixture; line: FakeLine; id: string; networkId: string }> {
  const fixture = await EngineFixture.open();
  const line = await fixture.online();
  const { id, channelMessageId } = await fixture.accept();
  await fixture.untilStatus(id, 'sent');
  return { fixture, line, id, networkId: channelMessageId ?? '' };
}

async function receive(fixture: EngineFixture, line: FakeLine): Promise<{ id: string; conversationId: string }> {
  await line.emit({ type: 'message', message: fixture.inbound() });
  const { data } = await fixture.store.listEvents({ property: null, types: ['message.received'], limit: 1 });
  const message = data[0]?.data.message;
  if (message === undefined) throw new Error('not received');
  return message;
}

describe('changing a message', () => {
  it('edits it on the network and then in the store', async () => {
    const { fixture, line, id, networkId } = await withSent();
    const edited = await fixture.engine.api.messages.edit(admin, id, 'Room 12 is ready.');
    expect(edited).toMatchObject({ body: 'Room 12 is ready.' });
    expect(edited.editedAt).not.toBeNull();
    expect(line.calls.at(-1)).toMatchObject({ operation: 'edit', input: { networkId, body: 'Room 12 is ready.' } });
    expect(await fixture.eventTypes()).toContain('message.edited');
  });

  it('deletes it for everyone', async () => {
    const { fixture, line, id, networkId } = await withSent();
    const deleted = await fixture.engine.api.messages.delete(admin, id);
    expect(deleted.deletedAt).not.toBeNull();
    expect(line.calls.at(-1)).toMatchObject({ operation: 'deleteForEveryone', input: { networkId } });
    await expect(fixture.engine.api.messages.delete(admin, id)).rejects.toMatchObject({ code: 'message_not_editable' });
  });

  it('reacts to what the guest said and takes it back', async () => {
    const { fixture, line } = await withSent();
    const { id } = await receive(fixture, line);
    const reacted = await fixture.engine.api.messages.react(admin, id, '❤️');
    expect(reacted.reactions).toMatchObject([{ emoji: '❤️', by: '+15550000001' }]);
    expect(line.calls.at(-1)).toMatchObject({
      operation: 'react',
      input: { target: { networkId: 'IN-1', sender: GUEST }, emoji: '❤️' },
    });
    expect((await fixture.engine.api.messages.react(admin, id, '')).reactions).toEqual([]);
  });

  it('keeps to the windows of the channel', async () => {
    const { fixture, id } = await withSent();
    await fixture.clock.advance(16 * 60_000);
    const { messages } = fixture.engine.api;
    await expect(messages.edit(admin, id, 'late')).rejects.toMatchObject({ code: 'message_not_editable' });
    await fixture.clock.advance(60 * 60_000);
    await expect(messages.delete(admin, id)).rejects.toMatchObject({ code: 'message_not_editable' });
  });

  it('records nothing that the network did not take', async () => {
    const { fixture, line, id } = await withSent();
    await line.drop({ kind: 'replaced', code: 'fake_440', final: 'elsewhere' });
    await fixture.untilState('stopped');
    await expect(fixture.engine.api.messages.edit(admin, id, 'new')).rejects.toMatchObject({ code: 'session_down' });
    expect((await fixture.message(id)).editedAt).toBeNull();
  });

  it.each(['', ' ', 'x'.repeat(1_001)])('refuses a text of the wrong length', async (body) => {
    const { fixture, id } = await withSent();
    await expect(fixture.engine.api.messages.edit(admin, id, body)).rejects.toBeInstanceOf(BellhopError);
  });

  it('changes neither what the guest said nor what is still queued, nor what another property has', async () => {
    const { fixture, line, id } = await withSent();
    const { messages } = fixture.engine.api;
    const received = await receive(fixture, line);
    await expect(messages.edit(admin, received.id, 'x')).rejects.toMatchObject({ code: 'message_not_editable' });
    const queued = await fixture.accept({ sendAt: fixture.clock.now() + 60_000 });
    await expect(messages.edit(admin, queued.id, 'x')).rejects.toMatchObject({ code: 'message_not_editable' });
    const stranger = { ...admin, property: 'other' };
    await expect(messages.edit(stranger, id, 'x')).rejects.toMatchObject({ code: 'not_found' });
    await expect(messages.delete(stranger, id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(messages.react(stranger, id, 'x')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('cannot do what the connector cannot do', async () => {
    const fixture = await EngineFixture.open({ manifests: [testManifest('fake', { react: false })] });
    fixture.host.line('front-desk').features = [];
    const line = await fixture.online();
    const { id } = await fixture.accept();
    await fixture.untilStatus(id, 'sent');
    const { messages } = fixture.engine.api;
    await expect(messages.react(admin, id, 'x')).rejects.toMatchObject({ code: 'capability_missing' });
    await expect(messages.edit(admin, id, 'x')).rejects.toMatchObject({ code: 'capability_missing' });
    expect(line.calls.map((call) => call.operation)).toEqual(['connect', 'send']);
  });

  it('says that a message that failed cannot be taken back', async () => {
    const { fixture } = await withSent();
    const cancelled = await fixture.accept({ sendAt: fixture.clock.now() + 60_000 });
    await fixture.engine.api.messages.delete(admin, cancelled.id);
    expect(fixture.telemetry.count('outbound:cancelled')).toBe(1);
    await expect(fixture.engine.api.messages.delete(admin, cancelled.id)).rejects.toMatchObject({
      code: 'message_not_queued',
    });
  });
});

describe('conversations', () => {
  it('are made once for a guest, without anything being sent', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    const request = { channel: 'fake', participants: [GUEST] };
    const first = await fixture.engine.api.conversations.create(admin, request);
    expect(first.created).toBe(true);
    const second = await fixture.engine.api.conversations.create(admin, request);
    expect(second).toMatchObject({ created: false, conversation: { id: first.conversation.id } });
    await fixture.clock.advance(60_000);
    expect(line.count('send')).toBe(0);
    const { id } = await fixture.accept({ conversationId: first.conversation.id, basis: BASIS });
    await fixture.untilStatus(id, 'sent');
  });

  it.each([
    [{ channel: 'pigeon', participants: [GUEST] }, 'unknown_channel'],
    [{ channel: 'fake', participants: [] }, 'invalid_request'],
    [{ channel: 'fake', participants: ['0171'] }, 'invalid_address'],
    [{ channel: 'fake', participants: [GUEST, '+15551230002'] }, 'capability_missing'],
    [{ channel: 'fake', participants: [GUEST], kind: 'group' as const }, 'invalid_request'],
    [{ channel: 'fake', participants: [GUEST], session: 'spa' }, 'no_session'],
  ])('are refused: %j', async (request, code) => {
    const fixture = await EngineFixture.open();
    await fixture.online();
    await expect(fixture.engine.api.conversations.create(admin, request)).rejects.toMatchObject({ code });
  });

  it('are marked read in the store and on the phone of the guest', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    const { conversationId } = await receive(fixture, line);
    const read = await fixture.engine.api.conversations.markRead(admin, conversationId, null);
    expect(read.unreadCount).toBe(0);
    await settle();
    expect(line.calls.at(-1)).toMatchObject({ operation: 'markRead', input: { messages: [{ networkId: 'IN-1' }] } });
  });

  it('are marked read in the store also while the session is down', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    const { conversationId } = await receive(fixture, line);
    await fixture.engine.api.sessions.stop(admin, 'front-desk');
    const read = await fixture.engine.api.conversations.markRead(admin, conversationId, null);
    expect(read.unreadCount).toBe(0);
    await settle();
    expect(line.count('markRead')).toBe(0);
  });

  it('show typing while the session is online, and say when it is not', async () => {
    const fixture = await EngineFixture.open();
    const line = await fixture.online();
    const { conversationId } = await receive(fixture, line);
    const { conversations } = fixture.engine.api;
    await conversations.setTyping(admin, conversationId, true);
    expect(line.calls.at(-1)).toMatchObject({ operation: 'setTyping', input: { on: true } });
    await expect(conversations.setTyping({ ...admin, property: 'other' }, conversationId, true)).rejects.toMatchObject({
      code: 'not_found',
    });
    line.connects.push('hang');
    await line.drop(networkCause);
    await settle();
    await expect(conversations.setTyping(admin, conversationId, true)).rejects.toMatchObject({ code: 'session_down' });
  });
});
