import { Readable } from 'node:stream';
import { expect } from 'vitest';
import type { AttachmentKind, Capabilities } from '../../src/connector-api/index.ts';
import { attachmentKinds } from '../../src/connector-api/index.ts';
import { bytesOf, FILE_BYTES, fileOf } from './connector-contract-files.ts';
import type { ConnectorHarness } from './connector-contract-harness.ts';
import { claimsOf, need } from './connector-contract-harness.ts';
import { textSeen } from './connector-contract-messages.ts';
import type { Check, CheckGroup, Stage } from './connector-contract-stage.ts';
import { chatWith } from './connector-contract-stage.ts';

export const claims = (claim: (capabilities: Capabilities) => boolean) => (harness: ConnectorHarness) =>
  claim(claimsOf(harness));

function fileCheck(kind: AttachmentKind): Check {
  return {
    name: `carry a file of kind ${kind}, both ways, byte for byte`,
    applies: claims(({ attachments }) => attachments[kind] !== undefined),
    run: async (stage) => {
      const guest = await stage.online();
      const file = fileOf(kind);
      const { content, chat } = await stage.stored(await need(guest, 'sendFile')(file));
      if (content.type !== 'media') throw new Error(`expected media, got ${content.type}`);
      const [attachment] = content.attachments;
      if (attachment.status !== 'stored') throw new Error(`the file is ${attachment.reason}`);
      expect(attachment.kind).toBe(kind);
      expect(attachment.media.sizeBytes).toBe(FILE_BYTES);
      expect(await bytesOf(stage.media.open(attachment.media))).toEqual(file.bytes);
      const facts = { mimeType: file.mimeType, limitBytes: FILE_BYTES };
      const media = await stage.media.write(Readable.from([file.bytes]), facts);
      const named = file.filename === undefined ? {} : { filename: file.filename };
      const sent = await stage.send(chat, { type: 'media', attachments: [{ kind, media, ...named }] });
      const seen = await stage.until('the file at the guest', () =>
        guest.seen().find((item) => item.type === 'media' && item.networkId === sent.networkId),
      );
      expect(seen).toMatchObject({ kind, ...named });
      if (seen.type === 'media') expect(Uint8Array.from(seen.bytes)).toEqual(file.bytes);
    },
  };
}

/** A guest who asked something, the chat and the id of it. */
export async function asked(stage: Stage) {
  const guest = await stage.online();
  const networkId = await guest.say('kit: pool?');
  const { chat, sender } = await stage.stored(networkId);
  return { guest, chat, target: { networkId, sender: sender.addresses[0] } };
}

const place = { latitude: 52.5, longitude: 13.375, name: 'Kit Station' };
const card = { name: 'Kit Taxi', phones: ['+4930555123'] };
const poll = { question: 'kit: sauna?', options: ['18', '19'], multiple: false };

export const capabilityChecks: CheckGroup = {
  name: 'capabilities',
  checks: [
    ...attachmentKinds.map((kind) => fileCheck(kind)),
    {
      name: 'point a reply at its message, both ways',
      applies: claims(({ reply }) => reply),
      run: async (stage) => {
        const { guest, chat, target } = await asked(stage);
        const replyTo = { ...target, body: 'kit: pool?' };
        const sent = await stage.send(chat, { type: 'text', body: 'kit: until eight' }, { replyTo });
        expect(await textSeen(stage, guest, 'kit: until eight')).toMatchObject({ replyTo: target.networkId });
        const thanks = await stage.stored(await need(guest, 'reply')(sent.networkId, 'kit: thanks'));
        expect(thanks.replyTo).toMatchObject({ networkId: sent.networkId });
      },
    },
    {
      name: 'react to a message and take it back, both ways',
      applies: claims(({ react }) => react),
      run: async (stage) => {
        const { guest, chat, target } = await asked(stage);
        for (const emoji of ['🏊', '']) {
          await stage.session.call('react', { chat, target, emoji });
          await stage.until('the reaction at the guest', () =>
            guest
              .seen()
              .some((item) => item.type === 'reaction' && item.emoji === emoji && item.target === target.networkId),
          );
        }
        const sent = await stage.send(chat, { type: 'text', body: 'kit: until eight' });
        await textSeen(stage, guest, 'kit: until eight');
        for (const emoji of ['👍', '']) {
          await need(guest, 'react')(sent.networkId, emoji);
          const event = await stage.event('reaction', (one) => one.emoji === emoji);
          expect(event).toMatchObject({ target: { networkId: sent.networkId }, fromAccount: false });
          expect(event.by.addresses).toContain(guest.addresses[0]);
        }
      },
    },
    {
      name: 'change the words of a message, both ways',
      applies: claims(({ editWindowMs }) => editWindowMs !== undefined),
      run: async (stage) => {
        const { guest, chat, target } = await asked(stage);
        const sent = await stage.send(chat, { type: 'text', body: 'kit: til eigth' });
        await stage.session.call('edit', { chat, networkId: sent.networkId, body: 'kit: until eight' });
        await stage.until('the new words at the guest', () =>
          guest
            .seen()
            .some(
              (item) => item.type === 'edited' && item.target === sent.networkId && item.body === 'kit: until eight',
            ),
        );
        await need(guest, 'edit')(target.networkId, 'kit: pool and sauna?');
        const event = await stage.event('edited');
        expect(event).toMatchObject({ target: { networkId: target.networkId }, body: 'kit: pool and sauna?' });
      },
    },
    {
      name: 'delete a message for everyone, both ways',
      applies: claims(({ deleteWindowMs }) => deleteWindowMs !== undefined),
      run: async (stage) => {
        const { guest, chat, target } = await asked(stage);
        const sent = await stage.send(chat, { type: 'text', body: 'kit: wrong guest' });
        await stage.session.call('deleteForEveryone', { chat, networkId: sent.networkId });
        await stage.until('the deletion at the guest', () =>
          guest.seen().some((item) => item.type === 'deleted' && item.target === sent.networkId),
        );
        if (stage.harness.without.guestDeletions !== undefined) return;
        await need(guest, 'erase')(target.networkId);
        expect(await stage.event('deleted')).toMatchObject({ target: { networkId: target.networkId } });
      },
    },
    {
      name: 'show who types, both ways',
      applies: claims(({ typing }) => typing),
      run: async (stage) => {
        const { guest, chat } = await asked(stage);
        const isOneWay = stage.harness.without.guestTyping !== undefined;
        for (const on of isOneWay ? [true] : [true, false]) {
          await stage.session.call('setTyping', { chat, on });
          await stage.until('the typing at the guest', () =>
            guest.seen().some((item) => item.type === 'typing' && item.on === on),
          );
        }
        if (isOneWay) return;
        await need(guest, 'startTyping')();
        const event = await stage.event('typing', ({ on }) => on);
        expect(event.chat.addresses).toContain(guest.addresses[0]);
      },
    },
    {
      name: 'mark messages of the guest as read',
      applies: claims(({ readMarks }) => readMarks),
      run: async (stage) => {
        const { guest, chat, target } = await asked(stage);
        await stage.session.call('markRead', { chat, messages: [target] });
        await stage.until('the read mark at the guest', () =>
          guest.seen().some((item) => item.type === 'read' && item.target === target.networkId),
        );
      },
    },
    {
      name: 'carry a place, both ways',
      applies: claims(({ location }) => location),
      run: async (stage) => {
        const guest = await stage.online();
        const arrived = await stage.stored(await need(guest, 'sendLocation')(place));
        expect(arrived.content).toEqual({ type: 'location', location: place });
        await stage.send(arrived.chat, { type: 'location', location: place });
        const seen = await stage.until('the place', () => guest.seen().find((item) => item.type === 'location'));
        expect(seen).toMatchObject({ location: place });
      },
    },
    {
      name: 'carry a contact card, both ways',
      applies: claims(({ contacts }) => contacts),
      run: async (stage) => {
        const guest = await stage.online();
        const arrived = await stage.stored(await need(guest, 'sendContact')(card));
        expect(arrived.content).toEqual({ type: 'contacts', contacts: [card] });
        await stage.send(arrived.chat, { type: 'contacts', contacts: [card] });
        const seen = await stage.until('the card', () => guest.seen().find((item) => item.type === 'contacts'));
        expect(seen).toMatchObject({ names: [card.name] });
      },
    },
    {
      name: 'carry a poll, both ways',
      applies: claims((capabilities) => capabilities.poll),
      run: async (stage) => {
        const guest = await stage.online();
        const arrived = await stage.stored(await need(guest, 'sendPoll')(poll));
        expect(arrived.content).toMatchObject({
          type: 'poll',
          poll: { question: poll.question, options: poll.options },
        });
        await stage.send(arrived.chat, { type: 'poll', poll });
        const seen = await stage.until('the poll', () => guest.seen().find((item) => item.type === 'poll'));
        expect(seen).toMatchObject({ poll: { question: poll.question, options: poll.options } });
      },
    },
    {
      name: 'speak in groups, where each word has its author',
      applies: ({ without }) => without.createGroup === undefined,
      run: async (stage) => {
        await stage.online();
        const group = await need(stage.account, 'createGroup')();
        const arrived = await stage.stored(await group.say('kit: when is check-in?'));
        expect(arrived.chat).toMatchObject({ kind: 'group', addresses: group.chat.addresses });
        expect(arrived.sender.addresses).toContain(group.members[0].addresses[0]);
        const { parseAddress } = stage.harness.connector.manifest;
        expect(parseAddress(arrived.chat.addresses[0])).toMatchObject({ ok: true, kind: 'group' });
        await stage.send(arrived.chat, { type: 'text', body: 'kit: at three' });
        for (const member of group.members) await textSeen(stage, member, 'kit: at three');
      },
    },
    {
      name: 'answer a probe and show presence only where they say so',
      run: async (stage) => {
        const guest = await stage.online();
        if (stage.session.features.has('probe')) {
          expect(await stage.inTime('the probe', stage.session.call('probe', undefined))).toBeGreaterThanOrEqual(0);
        }
        if (stage.session.features.has('presence')) await stage.session.call('setPresence', { online: true });
        await stage.send(chatWith(guest), { type: 'text', body: 'kit: still here' });
        await textSeen(stage, guest, 'kit: still here');
      },
    },
  ],
};
