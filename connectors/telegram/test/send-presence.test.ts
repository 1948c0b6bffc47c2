import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { FloodGate } from '../flood-gate.ts';
import { Line } from '../line.ts';
import { PresenceDesk } from '../presence.ts';
import type { Recipients } from '../recipients.ts';
import { rpc, ScriptedClient } from './scripted-client.ts';

const CHAT = { kind: 'direct', addresses: ['id:77'] } as const;

function desk(script: (client: ScriptedClient) => void = () => undefined): {
  presence: PresenceDesk;
  clock: VirtualClock;
  /** What was said so far: `typing`, `cancel`, `online`, `away`. */
  said: () => readonly string[];
} {
  const clock = new VirtualClock();
  const client = new ScriptedClient().on('account.updateStatus', () => true).on('messages.setTyping', () => true);
  script(client);
  const line = new Line({ client, gate: new FloodGate({ clock }) });
  const input = { _: 'inputPeerUser', userId: 77n, accessHash: 1n };
  // Only `require` is asked.
  const recipients = {
    require: () => ({ peer: { type: 'user', id: 77n }, address: 'id:77', input }),
  } as unknown as Recipients;
  const words = { sendMessageTypingAction: 'typing', sendMessageCancelAction: 'cancel' } as Record<string, string>;
  const said = (): readonly string[] =>
    client.calls.map((call) => {
      if (call._ === 'account.updateStatus') return call['offline'] === true ? 'away' : 'online';
      return words[(call['action'] as { _: string })._] ?? 'nonsense';
    });
  return { presence: new PresenceDesk({ line, clock, recipients }), clock, said };
}

describe('typing', () => {
  it('is repeated between the calls of the daemon, because phones hide it after six seconds', async () => {
    const { presence, clock, said } = desk();
    await presence.setTyping(CHAT, true);
    await clock.advance(10_000);
    await presence.setTyping(CHAT, true);
    await clock.advance(5_000);
    expect(said()).toEqual(['online', 'typing', 'typing', 'typing', 'typing', 'typing']);
  });

  it('ends when it is hidden, also while it was just being shown', async () => {
    const { presence, clock, said } = desk();
    const shown = presence.setTyping(CHAT, true);
    await Promise.all([shown, presence.setTyping(CHAT, false)]);
    const before = said();
    await clock.advance(20_000);
    expect(said()).toEqual(before);
  });

  it('does not go on for ever when the daemon forgets it', async () => {
    const { presence, clock, said } = desk();
    await presence.setTyping(CHAT, true);
    await clock.advance(60_000);
    expect(said()).toEqual(['online', 'typing', 'typing', 'typing', 'away']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('is left alone while the network wants that', async () => {
    const { presence, clock } = desk((client) =>
      client.on('messages.setTyping', () => {
        throw rpc(420, 'FLOOD_WAIT_300', 'messages.setTyping');
      }),
    );
    const refused = { code: 'rate_limited', scope: 'message' };
    await expect(presence.setTyping(CHAT, true)).rejects.toMatchObject({ ...refused, retryAfterMs: 300_000 });
    await clock.advance(100_000);
    await expect(presence.setTyping(CHAT, true)).rejects.toMatchObject({ ...refused, retryAfterMs: 200_000 });
  });
});

describe('being online', () => {
  it('ends some time after the last key, so that staff get push messages again', async () => {
    const { presence, clock, said } = desk();
    await presence.comeOnline();
    await clock.advance(20_000);
    await presence.comeOnline();
    await clock.advance(24_000);
    expect(said()).toEqual(['online']);
    await clock.advance(1_000);
    expect(said()).toEqual(['online', 'away']);
  });

  it('lasts when it was asked for, and is said again before Telegram forgets it', async () => {
    const { presence, clock, said } = desk();
    await presence.setOnline(true);
    await clock.advance(200_000);
    await presence.setOnline(false);
    await clock.advance(600_000);
    expect(said()).toEqual(['online', 'online', 'away']);
  });

  it('leaves no timer behind', async () => {
    const { presence, clock } = desk();
    await presence.setOnline(true);
    await presence.setTyping(CHAT, true);
    presence.stop();
    expect(clock.pendingTimers).toBe(0);
  });
});
