import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startPeer } from './bot-peer.ts';
import { BotBench, TOKEN } from './bot-support.ts';
import { isMessage } from './session-support.ts';

let peer: Awaited<ReturnType<typeof startPeer>>;
let desk: BotBench;

beforeEach(async () => {
  peer = await startPeer();
  desk = new BotBench(peer.root);
});
afterEach(async () => {
  await desk.stop();
  await peer.stop();
});

/** What a guest does there, by the server's own interface for guests. */
async function does(path: string, said: object): Promise<unknown> {
  const from = { id: 810_001, is_bot: false, first_name: 'Anna' };
  const body = { botToken: TOKEN, date: 1_700_000_000, from, chat: { ...from, type: 'private' }, ...said };
  const response = await fetch(`${peer.root}/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return response.json();
}

describe('telegram-test-api, as it is', () => {
  it('carries texts and presses, although it holds no question back', async () => {
    const { account } = await desk.session.connect();
    expect(account).toMatchObject({ kind: 'bot', address: '@testnamebot', displayName: 'Test First name' });
    await does('sendMessage', { text: '/start' });
    const { message } = await desk.event(isMessage);
    expect(message).toMatchObject({ content: { type: 'text', body: '/start' }, chat: { addresses: ['id:810001'] } });
    const buttons = [{ id: 'late', label: 'Late check-out' }] as const;
    const { networkId } = await desk.send({ type: 'text', body: 'Welcome', buttons }, { to: 'id:810001' });
    const shown = await does('getUpdates', { token: TOKEN, chatId: 810_001 });
    expect(JSON.stringify(shown)).toContain('"text":"Welcome"');
    const pressed = { message_id: Number(networkId), chat: { id: 810_001, type: 'private' }, date: 1 };
    await does('sendCallback', { message: pressed, data: 'late' });
    await desk.event((event): event is never => isMessage(event) && event.message.content.type === 'button');
    expect(desk.events.filter(isMessage).at(-1)?.message).toMatchObject({
      content: { type: 'button', buttonId: 'late' },
      replyTo: { networkId },
    });
  });

  it('refuses what it does not know, and that is no message that surely went', async () => {
    await desk.session.connect();
    const poll = { question: 'Pool?', options: ['yes', 'no'], multiple: false };
    await expect(desk.send({ type: 'poll', poll }, { to: 'id:810001' })).rejects.toMatchObject({
      certainty: 'maybe_sent',
      retryable: false,
    });
  });
});
