import { describe, expect, it } from 'vitest';
import type { Chat, TextEntity } from '../../src/connector-api/index.ts';
import { message as publicMessage } from '../../src/engine/model/message.ts';
import { ACCOUNT, ANN, accept, BEN, eventTypes, inbound, person, SESSION, send } from '../support/store-fixture.ts';
import type { StoreUnderTest } from './store-contract.ts';

const chat: Chat = { kind: 'direct', addresses: [ANN] };
const bold: TextEntity = { type: 'bold', offset: 0, length: 4 };
const link: TextEntity = { type: 'link', offset: 5, length: 3, url: 'https://hotel.example/map' };
const poll = { question: 'Pool or sauna?', options: ['pool', 'sauna', 'both'], multiple: true };

/** Formatting, albums, buttons, votes and forwards: what some networks know beyond plain messages. */
export function storeRichContract(use: () => StoreUnderTest): void {
  describe('rich content', () => {
    it('hands an album over whole, with its caption and formatting', async () => {
      const { store, clock } = use();
      const files = [
        { sha256: 'ab'.repeat(32), sizeBytes: 7, mimeType: 'image/png' },
        { sha256: 'cd'.repeat(32), sizeBytes: 8, mimeType: 'video/mp4' },
      ];
      const [picture, film] = await Promise.all(
        files.map((media, index) => store.saveMedia({ property: 'main', media, filename: `${index}.bin` })),
      );
      const message = await accept(store, 'N1', {
        body: 'The pool',
        entities: [bold],
        attachments: [
          { mediaId: picture?.id ?? '', kind: 'image', filename: null },
          { mediaId: film?.id ?? '', kind: 'video', filename: 'pool.mp4' },
        ],
      });
      expect(publicMessage.parse(message)).toEqual(message);
      expect(message).toMatchObject({ type: 'image', entities: [bold], albumId: null, forwarded: false });
      expect(message.attachments.map(({ mediaId, filename }) => [mediaId, filename])).toEqual([
        [picture?.id, '0.bin'],
        [film?.id, 'pool.mp4'],
      ]);
      expect((await store.beginAttempt(message.id, clock.now()))?.content).toEqual({
        type: 'media',
        body: 'The pool',
        entities: [bold],
        attachments: [
          { kind: 'image', media: files[0], filename: '0.bin' },
          { kind: 'video', media: files[1], filename: 'pool.mp4' },
        ],
      });
    });

    it('names the file of an album that is not there', async () => {
      const { store } = use();
      const facts = { sha256: 'ab'.repeat(32), sizeBytes: 7, mimeType: 'image/png' };
      const { id } = await store.saveMedia({ property: 'main', media: facts, filename: null });
      const attachments = [id, 'med_00000000000000000000000000'].map(
        (mediaId) => ({ mediaId, kind: 'image', filename: null }) as const,
      );
      await expect(accept(store, 'N1', { attachments })).rejects.toMatchObject({
        code: 'media_not_found',
        pointer: 'attachments[1].mediaId',
      });
      expect(await eventTypes(store)).toEqual([]);
    });

    it('hands formatting and buttons of a text over, and nothing of them where there are none', async () => {
      const { store, clock } = use();
      const buttons = [
        { id: 'late', label: 'Late check-out' },
        { id: 'taxi', label: 'Taxi' },
      ];
      const rich = await accept(store, 'N1', { body: 'Tell me, please', entities: [bold, link], buttons });
      expect(await store.getMessage(rich.id, 'main')).toMatchObject({ entities: [bold, link], buttons, button: null });
      const order = await store.beginAttempt(rich.id, clock.now());
      expect(order?.content).toEqual({ type: 'text', body: 'Tell me, please', entities: [bold, link], buttons });
      const plain = await accept(store, 'N2', { to: { kind: 'direct', address: BEN }, body: 'Hello' });
      expect((await store.beginAttempt(plain.id, clock.now()))?.content).toEqual({ type: 'text', body: 'Hello' });
    });

    it('hands a poll over without the votes', async () => {
      const { store, clock } = use();
      const message = await accept(store, 'N1', { body: null, poll });
      expect(message.poll).toEqual({ ...poll, votes: [] });
      expect((await store.beginAttempt(message.id, clock.now()))?.content).toEqual({ type: 'poll', poll });
    });

    it('keeps how a guest formatted a text or a caption', async () => {
      const { store, clock } = use();
      const text = { type: 'text', body: 'Pool map', entities: [bold, link] } as const;
      const { message } = await store.recordInbound(inbound('A1', clock.now(), { message: { content: text } }));
      expect(publicMessage.parse(message)).toEqual(message);
      expect(message).toMatchObject({ body: 'Pool map', entities: [bold, link] });
      const file = { kind: 'video_note', status: 'unavailable', mimeType: 'video/mp4', reason: 'gone' } as const;
      const media = { type: 'media', body: 'Look here', entities: [bold], attachments: [file] } as const;
      const film = await store.recordInbound(inbound('A2', clock.now(), { message: { content: media } }));
      expect(film.message).toMatchObject({ type: 'video_note', body: 'Look here', entities: [bold] });
      const plain = await store.recordInbound(inbound('A3', clock.now()));
      expect(plain.message).toMatchObject({ entities: [], albumId: null, button: null, buttons: [], forwarded: false });
    });

    it('keeps which messages came as one album, and which words are passed on', async () => {
      const { store, clock } = use();
      const part = async (id: string) =>
        (await store.recordInbound(inbound(id, clock.now(), { message: { albumId: 'album-7', forwarded: true } })))
          .message;
      const [one, other] = [await part('A1'), await part('A2')];
      expect([one.albumId, other.albumId]).toEqual(['album-7', 'album-7']);
      expect([one.forwarded, other.forwarded]).toEqual([true, true]);
      expect(other.seq).toBe(one.seq + 1);
    });

    it('tells which button of which message a guest pressed', async () => {
      const { store, clock } = use();
      const asked = await send(store, clock, 'N1');
      const content = { type: 'button', buttonId: 'taxi', label: 'Taxi' } as const;
      const press = (id: string) =>
        store.recordInbound(inbound(id, clock.now(), { message: { content, replyTo: { networkId: 'N1' } } }));
      const { message } = await press('P1');
      expect(message).toMatchObject({ type: 'button', body: 'Taxi', button: { id: 'taxi' }, replyTo: asked.id });
      expect(publicMessage.parse(message)).toEqual(message);
      expect((await press('P1')).duplicate).toBe(true);
      expect((await press('P2')).duplicate).toBe(false);
    });

    it('keeps what each person has chosen in a poll now, each change told once', async () => {
      const { store, clock } = use();
      const { id } = await accept(store, 'N1', { body: null, poll });
      await store.beginAttempt(id, clock.now());
      await store.finishAttempt(id, { type: 'sent', at: clock.now() });
      const target = { sessionId: SESSION, chat, networkId: 'N1' };
      const vote = (by: string, ...options: number[]) => store.recordPollVote(target, { by, options, at: clock.now() });
      expect([await vote(ANN, 1), await vote(ANN, 1), await vote(BEN, 0)]).toEqual([true, false, true]);
      expect(await vote(ANN, 2, 0, 2, 9)).toBe(true);
      const at = new Date(clock.now()).toISOString();
      const votes = [
        { by: BEN, options: [0], at },
        { by: ANN, options: [0, 2], at },
      ];
      expect((await store.getMessage(id, null))?.poll?.votes).toEqual(votes);
      expect([await vote(BEN), await vote(BEN)]).toEqual([true, false]);
      const { data } = await store.listEvents({ property: 'main', types: ['message.poll_vote'], limit: 10 });
      expect(data.map((event) => event.data.message?.poll?.votes.map(({ by }) => by))).toEqual([
        [ANN],
        [ANN, BEN],
        [BEN, ANN],
        [ANN],
      ]);
      expect(data[0]).toMatchObject({ conversationId: expect.any(String), data: { guest: { displayName: null } } });
    });

    it('takes no vote for what is no poll, or is unknown', async () => {
      const { store, clock } = use();
      await store.recordInbound(inbound('A1', clock.now()));
      const vote = { by: ANN, options: [0], at: clock.now() };
      expect(await store.recordPollVote({ sessionId: SESSION, chat, networkId: 'A1' }, vote)).toBe(false);
      expect(await store.recordPollVote({ sessionId: SESSION, chat, networkId: 'A9' }, vote)).toBe(false);
      expect(await eventTypes(store)).not.toContain('message.poll_vote');
    });

    it('gives an edited text the formatting of its new words, and none where it has none', async () => {
      const { store, clock } = use();
      const content = { type: 'text', body: 'Pool map', entities: [bold, link] } as const;
      const { message } = await store.recordInbound(inbound('A1', clock.now(), { message: { content } }));
      const target = { sessionId: SESSION, chat, networkId: 'A1' };
      const at = clock.now();
      const now = async () => {
        const { body, entities } = (await store.getMessage(message.id, null)) ?? {};
        return { body, entities };
      };
      expect(await store.recordEdit(target, { body: 'Pool map', entities: [bold], at })).toBe(true);
      expect(await now()).toEqual({ body: 'Pool map', entities: [bold] });
      expect(await store.recordEdit(target, { body: 'Pool map', entities: [bold], at })).toBe(false);
      expect(await store.recordEdit(target, { body: 'Map', at })).toBe(true);
      expect(await now()).toEqual({ body: 'Map', entities: [] });
    });

    it('keeps the kind of an account with the session', async () => {
      const { store, clock } = use();
      const change = { sessionId: SESSION, state: 'connected', reason: null, at: clock.now() } as const;
      const account = { address: 'id:7', displayName: 'Desk', kind: 'bot' };
      await store.recordSessionChange({ ...change, account });
      expect((await store.getSession(SESSION))?.account).toEqual(account);
      await store.recordSessionChange({ ...change, account: { address: ACCOUNT } });
      expect((await store.getSession(SESSION))?.account).toEqual({ address: ACCOUNT, displayName: null, kind: null });
    });

    it('counts the votes of a poll that a guest made', async () => {
      const { store, clock } = use();
      const content = { type: 'poll', poll: { ...poll, options: ['yes', 'no'] } } as const;
      const group: Chat = { kind: 'group', addresses: ['group:1'] };
      const asked = inbound('G1', clock.now(), { from: person(BEN), message: { content, chat: group } });
      const { message } = await store.recordInbound(asked);
      const target = { sessionId: SESSION, chat: group, networkId: 'G1' };
      expect(await store.recordPollVote(target, { by: ACCOUNT, options: [1], at: clock.now() })).toBe(true);
      expect((await store.getMessage(message.id, null))?.poll).toMatchObject({
        votes: [{ by: ACCOUNT, options: [1] }],
      });
    });
  });
}
