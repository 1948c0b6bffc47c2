import { describe, expect, it } from 'vitest';
import type { OutboundMessage, SendResult } from '../../../src/connector-api/index.ts';
import { ChatServer } from './chat-server.ts';
import type { ScriptedClient } from './scripted-client.ts';
import { lost, rpc } from './scripted-client.ts';
import { Desk, messageOf, never, text } from './send-support.ts';

interface Scene {
  readonly desk: Desk;
  readonly server: ChatServer;
  /** Another process with the same vault sends a message. */
  send(message: OutboundMessage): Promise<SendResult>;
  readonly clients: ScriptedClient[];
}

function scene(): Scene {
  const desk = new Desk();
  const server = new ChatServer(() => desk.clock.now());
  const clients: ScriptedClient[] = [];
  return {
    desk,
    server,
    clients,
    send: (message) => {
      const client = server.client();
      clients.push(client);
      return desk.life(client).sender.send(message, never);
    },
  };
}

const failOnce = (error: Error): (() => void) => {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    throw error;
  };
};

describe('a text', () => {
  it('goes under its random id and comes back with the id that Telegram gave it', async () => {
    const { server, send, desk } = scene();
    const result = await send(messageOf(text('Your room is ready.')));
    expect(result).toEqual({ networkId: '101', acceptedAt: Math.floor(desk.clock.now() / 1000) * 1000 });
    expect(server.kept).toMatchObject([{ randomId: 4711n, message: { message: 'Your room is ready.' } }]);
    expect(desk.fed).toMatchObject([{ _: 'updateShortSentMessage', pts: 101 }]);
  });

  it('is known in the vault before its first byte leaves', async () => {
    const { server, send, desk } = scene();
    let known: unknown;
    server.beforeAct = () => {
      const { store } = desk.life(server.client()); // reads the vault anew
      known = store.get(4711n);
    };
    await send(messageOf(text('Hello')));
    expect(known).toMatchObject({ chat: 'id:77', mark: { kind: 'text' } });
    expect(JSON.stringify(known)).not.toContain('Hello');
  });

  it('replies to a message, also to one of its own that the daemon still calls by its random id', async () => {
    const { clients, send } = scene();
    await send(messageOf(text('One')));
    await send(messageOf(text('Two'), { networkId: 'r2', replyTo: { networkId: 'r4711' } }));
    await send(messageOf(text('Three'), { networkId: 'r3', replyTo: { networkId: '55', sender: 'id:77' } }));
    const replies = clients.map((client) => client.called('messages.sendMessage')[0]?.['replyTo']);
    expect(replies).toMatchObject([undefined, { replyToMsgId: 101 }, { replyToMsgId: 55 }]);
  });

  it('is refused without a byte when its id is none of ours', async () => {
    const { send, server } = scene();
    await expect(send(messageOf(text('x'), { networkId: '12' }))).rejects.toMatchObject({
      code: 'internal_error',
      certainty: 'not_sent',
    });
    expect(server.kept).toEqual([]);
  });
});

describe('a second attempt', () => {
  it('is answered from the vault, without a byte, when the first one was sent', async () => {
    const { clients, send, server } = scene();
    const first = await send(messageOf(text('Hello')));
    await expect(send(messageOf(text('Hello'), { attempt: 2 }))).resolves.toEqual(first);
    expect(clients[1]?.calls).toEqual([]);
    expect(server.seen).toEqual(['Hello']);
  });

  it('shows the guest one message when the connection broke before the answer', async () => {
    const { send, server } = scene();
    server.beforeAnswer = failOnce(lost(true));
    await expect(send(messageOf(text('Hello')))).rejects.toMatchObject({
      code: 'session_down',
      certainty: 'maybe_sent',
      retryable: true,
    });
    await expect(send(messageOf(text('Hello'), { attempt: 2 }))).resolves.toMatchObject({ networkId: '101' });
    expect(server.seen).toEqual(['Hello']);
  });

  it('sends what never left', async () => {
    const { send, server } = scene();
    server.beforeAct = failOnce(lost(false));
    await expect(send(messageOf(text('Hello')))).rejects.toMatchObject({ certainty: 'not_sent', retryable: true });
    await expect(send(messageOf(text('Hello'), { attempt: 2 }))).resolves.toMatchObject({ networkId: '101' });
    expect(server.seen).toEqual(['Hello']);
  });

  it.each([
    [500, 'INTERNAL'],
    [-503, 'Timeout'],
  ])('goes under the same random id after the server had trouble: %d %s', async (code, word) => {
    const { send, server } = scene();
    server.beforeAnswer = failOnce(rpc(code, word, 'messages.sendMessage'));
    await expect(send(messageOf(text('Hello')))).rejects.toMatchObject({ certainty: 'maybe_sent', retryable: true });
    await expect(send(messageOf(text('Hello'), { attempt: 2 }))).resolves.toMatchObject({ networkId: '101' });
    expect(server.seen).toEqual(['Hello']);
  });

  it('finds its own message among others that say the same', async () => {
    const { send, server } = scene();
    await send(messageOf(text('Hello'), { networkId: 'r1' }));
    server.beforeAnswer = failOnce(lost(true));
    await send(messageOf(text('Hello'))).catch(() => undefined);
    await expect(send(messageOf(text('Hello'), { attempt: 2 }))).resolves.toMatchObject({ networkId: '102' });
    expect(server.seen).toEqual(['Hello', 'Hello']);
  });

  it('counts as sent when Telegram says so, even where the message cannot be found', async () => {
    const { send, server } = scene();
    server.beforeAnswer = failOnce(lost(true));
    await send(messageOf(text('Hello'))).catch(() => undefined);
    server.kept[0] = { ...server.kept[0], id: 101, randomId: 4711n, message: { _: 'message', id: 101, out: false } };
    await expect(send(messageOf(text('Hello'), { attempt: 2 }))).resolves.toMatchObject({ networkId: 'r4711' });
  });

  it('looks into the chat first when Telegram may have forgotten the random id', async () => {
    const { desk, send, server } = scene();
    server.beforeAnswer = failOnce(lost(true));
    await send(messageOf(text('Hello'))).catch(() => undefined);
    server.remembersRandomIds = false;
    await desk.clock.advance(2 * 60 * 60 * 1000);
    await expect(send(messageOf(text('Hello'), { attempt: 2 }))).resolves.toMatchObject({ networkId: '101' });
    expect(server.seen).toEqual(['Hello']);
  });

  it('learns from the chat, when it is refused, whether the first one went', async () => {
    const { send, server } = scene();
    server.beforeAnswer = failOnce(lost(true));
    await send(messageOf(text('Hello'))).catch(() => undefined);
    server.beforeAct = () => {
      throw rpc(403, 'CHAT_WRITE_FORBIDDEN', 'messages.sendMessage');
    };
    await expect(send(messageOf(text('Hello'), { attempt: 2 }))).resolves.toMatchObject({ networkId: '101' });
  });

  it('stays open when the chat cannot be looked at', async () => {
    const { clients, send, server, desk } = scene();
    server.beforeAnswer = failOnce(lost(true));
    await send(messageOf(text('Hello'))).catch(() => undefined);
    const client = server.client().on('messages.getHistory', () => {
      throw rpc(500, 'INTERNAL', 'messages.getHistory');
    });
    client.on('messages.sendMessage', () => {
      throw rpc(403, 'CHAT_WRITE_FORBIDDEN', 'messages.sendMessage');
    });
    await expect(desk.life(client).sender.send(messageOf(text('Hello'), { attempt: 2 }), never)).rejects.toMatchObject({
      certainty: 'maybe_sent',
      retryable: true,
    });
    expect(clients).toHaveLength(1);
  });
});

describe('a kill between any two steps', () => {
  class Killed extends Error {}

  it('neither loses a message nor shows it twice, and gives it one id', async () => {
    // Each commit of the vault and each moment of the call is a place to die; the process after it has only the vault.
    for (let dies = 0; dies < 12; dies += 1) {
      const { desk, send, server } = scene();
      let step = 0;
      const mayDie = (): void => {
        step += 1;
        if (step === dies + 1) throw new Killed();
      };
      desk.vault.beforeCommit = mayDie;
      server.beforeAct = mayDie;
      server.beforeAnswer = mayDie;
      const first = await send(messageOf(text('Hello'))).catch((error: unknown) => error);
      desk.vault.beforeCommit = undefined;
      server.beforeAct = () => undefined;
      server.beforeAnswer = () => undefined;
      const second = await send(messageOf(text('Hello'), { attempt: 2 }));
      expect({ dies, seen: server.seen }).toEqual({ dies, seen: ['Hello'] });
      expect(second.networkId).toBe('101');
      if (!(first instanceof Error)) expect(first).toMatchObject({ networkId: '101' });
    }
  });
});

describe("the account's own words that come back", () => {
  const echo = (facts: Record<string, unknown> = {}): never =>
    ({
      _: 'message',
      id: 101,
      out: true,
      date: Math.floor(new Desk().clock.now() / 1000),
      message: 'Hello',
      ...facts,
    }) as never;

  it('settle a send whose answer was lost, so that it needs no second attempt', async () => {
    const { clients, desk, send, server } = scene();
    server.beforeAnswer = failOnce(lost(true));
    await send(messageOf(text('Hello'))).catch(() => undefined);
    const { store } = desk.life(server.client());
    const randomId = store.openMatch('id:77', echo());
    expect(randomId).toBe(4711n);
    store.settle(4711n, { messageId: 101, at: undefined });
    await expect(send(messageOf(text('Hello'), { attempt: 2 }))).resolves.toMatchObject({ networkId: '101' });
    expect(clients.at(-1)?.calls).toEqual([]);
  });

  it.each([
    ['another text', 'id:77', { message: 'Good evening' }],
    ['another chat', 'id:78', {}],
    ['a picture', 'id:77', { media: { _: 'messageMediaPhoto' } }],
    ['another time', 'id:77', { date: 1_000_000 }],
  ])('are staff on a phone when they are %s', async (_what, chat, facts) => {
    const { desk, send, server } = scene();
    server.beforeAnswer = failOnce(lost(true));
    await send(messageOf(text('Hello'))).catch(() => undefined);
    expect(desk.life(server.client()).store.openMatch(chat, echo(facts))).toBeUndefined();
  });

  it('are known once the send was settled', async () => {
    const { desk, send, server } = scene();
    await send(messageOf(text('Hello')));
    const { store } = desk.life(server.client());
    expect(store.isKnown('id:77', 101)).toBe(true);
    expect(store.isKnown('id:77', 102)).toBe(false);
    expect(store.openMatch('id:77', echo())).toBeUndefined();
  });
});
