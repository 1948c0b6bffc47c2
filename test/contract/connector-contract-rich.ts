import { Readable } from 'node:stream';
import { expect } from 'vitest';
import type { AttachmentKind, Capabilities, TextEntity } from '../../src/connector-api/index.ts';
import { claims } from './connector-contract-capabilities.ts';
import { bytesOf, fileOf } from './connector-contract-files.ts';
import type { GuestSide, Seen } from './connector-contract-harness.ts';
import { claimsOf, need } from './connector-contract-harness.ts';
import { textSeen } from './connector-contract-messages.ts';
import type { CheckGroup, Stage } from './connector-contract-stage.ts';
import { chatWith } from './connector-contract-stage.ts';

/** The emoji are two code units each, so that whoever counts characters or bytes comes out wrong. */
const STYLED_TEXT = '🛎️ kit: pool 🏊 until eight, see the map';
const styles: readonly TextEntity[] = [
  { ...stretch('pool'), type: 'bold' },
  { ...stretch('until eight'), type: 'italic' },
  { ...stretch('the map'), type: 'link', url: 'https://hotel.example/map' },
];

function stretch(words: string): { readonly offset: number; readonly length: number } {
  return { offset: STYLED_TEXT.indexOf(words), length: words.length };
}

const inOrder = (entities: readonly TextEntity[] | undefined): readonly TextEntity[] =>
  (entities ?? []).toSorted((one, other) => one.offset - other.offset);

/** Two kinds that the channel puts into one album. */
function albumOf({ albumKinds, attachments }: Capabilities): readonly [AttachmentKind, AttachmentKind] {
  const carried = (kind: AttachmentKind): boolean => attachments[kind] !== undefined;
  const group = albumKinds?.find((kinds) => kinds.some(carried))?.filter(carried) ?? (['image'] as const);
  const first = group[0] ?? 'image';
  return [first, group[1] ?? first];
}

function albumSeen(stage: Stage, guest: GuestSide, networkId: string): Promise<Extract<Seen, { type: 'album' }>> {
  return stage.until('the album at the guest', () =>
    guest
      .seen()
      .find((item): item is Extract<Seen, { type: 'album' }> => item.type === 'album' && item.networkId === networkId),
  );
}

export const richChecks: CheckGroup = {
  name: 'rich content',
  checks: [
    {
      name: 'show several files as one album',
      applies: claims(({ maxAttachments }) => maxAttachments > 1),
      run: async (stage) => {
        const guest = await stage.online();
        const [first, second] = albumOf(claimsOf(stage.harness)).map(fileOf);
        if (first === undefined || second === undefined) throw new Error('an album has two files');
        const [one, other] = await Promise.all(
          [first, second].map(async (file) => ({
            kind: file.kind,
            media: await stage.media.write(Readable.from([file.bytes]), {
              mimeType: file.mimeType,
              limitBytes: file.bytes.length,
            }),
          })),
        );
        if (one === undefined || other === undefined) throw new Error('an album has two files');
        const sent = await stage.send(chatWith(guest), {
          type: 'media',
          body: 'kit: the rooms',
          attachments: [one, other],
        });
        const album = await albumSeen(stage, guest, sent.networkId);
        expect(album.body).toBe('kit: the rooms');
        expect(album.files.map(({ kind }) => kind)).toEqual([first.kind, second.kind]);
        expect(album.files.map(({ bytes }) => Uint8Array.from(bytes))).toEqual([first.bytes, second.bytes]);
      },
    },
    {
      name: 'tell which files of a guest came as one album',
      applies: claims(({ maxAttachments }) => maxAttachments > 1),
      run: async (stage) => {
        const guest = await stage.online();
        const files = albumOf(claimsOf(stage.harness)).map(fileOf);
        const alone = await stage.stored(await need(guest, 'sendFile')(fileOf(files[0]?.kind ?? 'image', 9)));
        expect(alone.albumId).toBeUndefined();
        const ids = await need(guest, 'sendAlbum')(files);
        const parts = await Promise.all(ids.map((id) => stage.stored(id)));
        expect(parts).toHaveLength(files.length);
        expect(new Set(parts.map(({ albumId }) => albumId)).size).toBe(1);
        expect(parts[0]?.albumId).toEqual(expect.any(String));
        for (const [index, { content }] of parts.entries()) {
          if (content.type !== 'media') throw new Error(`expected media, got ${content.type}`);
          expect(content.attachments).toHaveLength(1);
          const [file] = content.attachments;
          if (file.status !== 'stored') throw new Error(`the file is ${file.reason}`);
          expect(await bytesOf(stage.media.open(file.media))).toEqual(files[index]?.bytes);
        }
      },
    },
    {
      name: 'keep the formatting of a text, both ways',
      applies: claims(({ entities }) => entities),
      run: async (stage) => {
        const guest = await stage.online();
        const arrived = await stage.stored(await need(guest, 'sayFormatted')(STYLED_TEXT, styles));
        if (arrived.content.type !== 'text') throw new Error(`expected a text, got ${arrived.content.type}`);
        expect(arrived.content.body).toBe(STYLED_TEXT);
        expect(inOrder(arrived.content.entities)).toEqual(styles);
        await stage.send(arrived.chat, { type: 'text', body: STYLED_TEXT, entities: styles });
        expect(inOrder((await textSeen(stage, guest, STYLED_TEXT)).entities)).toEqual(styles);
      },
    },
    {
      name: 'offer buttons, and tell each press of one',
      applies: claims(({ maxButtons }) => maxButtons > 1),
      run: async (stage) => {
        const guest = await stage.online();
        const buttons = [
          { id: 'late', label: 'kit: late check-out' },
          { id: 'taxi', label: 'kit: taxi' },
        ] as const;
        const chat = chatWith(guest);
        const sent = await stage.send(chat, { type: 'text', body: 'kit: what shall it be?', buttons });
        const seen = await textSeen(stage, guest, 'kit: what shall it be?');
        expect(seen.buttons).toEqual(buttons);
        const pressed = (): readonly string[] =>
          stage.daemon.messages.flatMap(({ content, networkId }) => (content.type === 'button' ? [networkId] : []));
        for (const [index, { id, label }] of [buttons[1], buttons[0], buttons[0]].entries()) {
          await need(guest, 'press')(sent.networkId, id);
          await stage.until('the press of a button', () => pressed().length > index);
          const message = await stage.stored(pressed()[index] ?? '');
          expect(message.content).toEqual({ type: 'button', buttonId: id, label });
          expect(message).toMatchObject({ direction: 'inbound', replyTo: { networkId: sent.networkId } });
          expect(message.sender.addresses).toContain(guest.addresses[0]);
        }
      },
    },
    {
      name: 'tell who voted for what, and when a vote is taken back',
      applies: claims((capabilities) => capabilities.poll && capabilities.pollVotes === true),
      run: async (stage) => {
        const guest = await stage.online();
        const poll = { question: 'kit: pool or sauna?', options: ['pool', 'sauna', 'both'], multiple: false };
        const sent = await stage.send(chatWith(guest), { type: 'poll', poll });
        await stage.until('the poll', () => guest.seen().find((item) => item.type === 'poll'));
        for (const options of [[1], [], [2]]) {
          await need(guest, 'vote')(sent.networkId, options);
          const told = await stage.event('poll_vote', (event) => String(event.options) === String(options));
          expect(told).toMatchObject({ target: { networkId: sent.networkId }, fromAccount: false });
          expect(told.by.addresses).toContain(guest.addresses[0]);
        }
      },
    },
    {
      name: "tell a guest's own words from what is passed on",
      applies: claims(({ forwards }) => forwards === true),
      run: async (stage) => {
        const guest = await stage.online();
        const own = await stage.stored(await guest.say('kit: see what my wife wrote'));
        expect(own.forwarded ?? false).toBe(false);
        const passedOn = await stage.stored(await need(guest, 'forward')('kit: book the suite'));
        expect(passedOn).toMatchObject({ forwarded: true, content: { type: 'text', body: 'kit: book the suite' } });
        expect(passedOn.sender.addresses).toContain(guest.addresses[0]);
      },
    },
  ],
};
