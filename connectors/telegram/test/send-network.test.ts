import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectorEvent } from '../../../src/connector-api/index.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { systemRandom } from '../../../src/core/random.ts';
import { engineNames } from '../mtproto/client.ts';
import { TelegramNetwork } from '../simulator/network.ts';
import type { Guest } from '../simulator/people/guest.ts';
import { refOf, text } from './send-support.ts';
import { Bench, isEnd, isMessage } from './session-support.ts';

const SEND = 'messages.sendMessage';

describe.each(engineNames)('a message on the network in a box, by %s', (engine) => {
  const network = new TelegramNetwork({ clock: systemClock, random: systemRandom });
  const benches: Bench[] = [];

  beforeAll(() => network.start());
  afterAll(() => network.stop());
  afterEach(async () => {
    await Promise.all(benches.splice(0).map((bench) => bench.stop()));
    network.clearFaults();
    expect(network.violations).toEqual([]);
    expect(network.server.internalErrors).toEqual([]);
  });

  /** A linked account and a guest who has written to it. */
  const talking = async (): Promise<{ desk: Bench; guest: Guest; to: string }> => {
    const desk = new Bench(network, network.createAccount(), [engine]);
    benches.push(desk);
    await desk.link();
    await desk.session.connect();
    const guest = network.createGuest(desk.account);
    guest.say('hello');
    const { message } = await desk.event(isMessage);
    return { desk, guest, to: message.chat.addresses[0] };
  };

  const said = (guest: Guest): readonly string[] =>
    guest
      .seen()
      .flatMap((item) => (item.type === 'message' && item.content.type === 'text' ? [item.content.text] : []));
  const echoes = (desk: Bench): readonly ConnectorEvent[] =>
    desk.events.filter((event) => isMessage(event) && event.message.direction === 'outbound');

  it('whose answer was lost with the line is known again at the next connection, without a second byte', async () => {
    const { desk, guest, to } = await talking();
    network.faults.swallowAnswer(SEND);
    const sending = desk.send(text('Your room is ready.'), to, 'r5');
    const outcome = expect(sending).rejects.toMatchObject({ certainty: 'maybe_sent', retryable: true });
    await guest.screen.next(({ type }) => type === 'message');
    network.faults.cut();
    await outcome;
    await desk.event(isEnd);
    await desk.restart().connect();
    network.levers.refuse({ method: SEND, account: desk.account.id }, { code: 400, text: 'NOT_TO_BE_CALLED' });
    const again = await desk.send(text('Your room is ready.'), to, 'r5');
    expect(said(guest)).toEqual(['Your room is ready.']);
    const shown = guest.seen().find(({ type }) => type === 'message');
    expect(shown).toMatchObject({ id: Number(again.networkId) });
    expect(echoes(desk)).toEqual([]);
  });

  it('that the server took and denied is found when it is sent again', async () => {
    const { desk, guest, to } = await talking();
    const scope = { method: SEND, account: desk.account.id };
    network.levers.refuse(scope, { code: 500, text: 'INTERNAL' }, { isDone: true });
    await expect(desk.send(text('Good morning'), to, 'r6')).rejects.toMatchObject({ certainty: 'maybe_sent' });
    const again = await desk.send(text('Good morning'), to, 'r6');
    expect(again.networkId).toMatch(/^\d+$/);
    expect(said(guest)).toEqual(['Good morning']);
    expect(echoes(desk)).toEqual([]);
  });

  it('is told from what staff write on a phone of the account', async () => {
    const { desk, guest, to } = await talking();
    await desk.send(text('from here'), to);
    const peer = `u${guest.account.id}` as const;
    network.world.parts.exchange.send({ account: desk.account }, peer, { text: 'from the phone' });
    const echo = await desk.event(
      (event): event is Extract<ConnectorEvent, { type: 'message' }> =>
        isMessage(event) && event.message.direction === 'outbound',
    );
    expect(echo.message.content).toMatchObject({ body: 'from the phone' });
    expect(echoes(desk)).toHaveLength(1);
  });

  it('waits for the end of a flood wait without another call', async () => {
    const { desk, to } = await talking();
    network.levers.flood({ method: SEND, account: desk.account.id }, 600);
    const limit = { code: 'rate_limited', scope: 'account', certainty: 'not_sent' };
    await expect(desk.send(text('a'), to)).rejects.toMatchObject({ ...limit, nativeCode: 'FLOOD_WAIT_600' });
    await expect(desk.send(text('a'), to)).rejects.toMatchObject(limit);
  });

  it('to a stranger shows that the account may not write to new people, and others still get theirs', async () => {
    const { desk, guest, to } = await talking();
    const stranger = network.createGuest(desk.account, { username: `stranger_${engine}` });
    network.levers.spammers.add(desk.account.id);
    await expect(desk.send(text('a'), `@stranger_${engine}`)).rejects.toMatchObject({
      code: 'rate_limited',
      scope: 'new_chats',
      nativeCode: 'PEER_FLOOD',
    });
    await desk.send(text('b'), to);
    expect([said(stranger), said(guest)]).toEqual([[], ['b']]);
  });

  it('to somebody who has blocked the account is refused for good', async () => {
    const { desk, guest, to } = await talking();
    guest.block();
    await expect(desk.send(text('a'), to)).rejects.toMatchObject({
      code: 'send_rejected',
      certainty: 'not_sent',
      retryable: false,
    });
  });

  // Seconds of cryptography: once is enough.
  if (engine === 'mtcute')
    it('with a file of more than 10 MiB arrives byte for byte', async () => {
      const { desk, guest, to } = await talking();
      const bytes = Uint8Array.from({ length: 10 * 1024 * 1024 + 3 }, (_, index) => index % 253);
      desk.files.set('big', bytes);
      const media = refOf('big', bytes, 'application/pdf');
      await desk.send(
        { type: 'media', body: 'Bill', attachments: [{ kind: 'file', media, filename: 'bill.pdf' }] },
        to,
      );
      const shown = guest.seen().find(({ type }) => type === 'message');
      expect(shown).toMatchObject({ content: { type: 'file', caption: 'Bill', filename: 'bill.pdf' } });
      const content = shown?.type === 'message' && shown.content.type === 'file' ? shown.content : undefined;
      expect(Buffer.from(content?.bytes ?? []).equals(Buffer.from(bytes))).toBe(true);
    });

  it('in a supergroup with slow mode closes that group only', async () => {
    const { desk, guest, to } = await talking();
    const peer = guest.createSupergroup('Team', []);
    guest.say('all here?', peer);
    await desk.event((event): event is never => isMessage(event) && event.message.chat.kind === 'group');
    const group = `group:c${peer.slice(1)}`;
    const scope = { method: SEND, account: desk.account.id };
    network.levers.refuse(scope, { code: 420, text: 'SLOWMODE_WAIT_30' });
    await expect(desk.send(text('a'), group)).rejects.toMatchObject({ scope: 'chat', retryAfterMs: 30_000 });
    await desk.send(text('b'), to);
    expect(said(guest)).toContain('b');
  });
});
