import type { TlObject } from '../../tl.ts';
import type { Draft } from '../world/exchange-parts.ts';
import { channelKey, groupKey, isChannelKey, userKey } from '../world/peers.ts';
import { copyOf, history } from '../world/sequence.ts';
import type { AccountRecord, Copy, Media, PeerKey } from '../world/state.ts';
import type { World } from '../world/world.ts';
import { attributesOf, type SaidFile } from './file-attributes.ts';
import { Screen } from './screen.ts';
import type { SeenItem } from './seen-item.ts';

export interface Place {
  readonly latitude: number;
  readonly longitude: number;
  /** With a name it is a venue. */
  readonly name?: string;
}

export interface Card {
  readonly name: string;
  readonly phones: readonly string[];
}

export interface Ballot {
  readonly question: string;
  readonly options: readonly string[];
  readonly multiple?: boolean;
  readonly isPublic?: boolean;
}

/**
 * A person with a phone of their own, who speaks with one desk: an account of the network under test. Ids that go in and come out are the
 * desk's. `chat` is the desk where it is absent, else a group. What the phone shows comes by itself; reading is a verb.
 */
export class Guest {
  readonly account: AccountRecord;
  readonly desk: AccountRecord;
  readonly screen: Screen;
  readonly #world: World;

  constructor(deps: { readonly world: World; readonly account: AccountRecord; readonly desk: AccountRecord }) {
    this.#world = deps.world;
    this.account = deps.account;
    this.desk = deps.desk;
    this.screen = new Screen({ world: deps.world, owner: deps.account, desk: deps.desk });
    this.screen.start();
  }

  seen(): readonly SeenItem[] {
    return this.screen.seen();
  }

  say(text: string, chat?: PeerKey, entities: readonly TlObject[] = []): number {
    return this.#send({ text, entities }, chat);
  }

  reply(toId: number, text: string, chat?: PeerKey): number {
    return this.#send({ text, replyTo: this.#copy(toId, chat).uid }, chat);
  }

  sendFile(file: SaidFile, chat?: PeerKey): number {
    return this.#send({ text: file.caption ?? '', media: this.#upload(file) }, chat);
  }

  /** Answers an id for each file. */
  sendAlbum(files: readonly SaidFile[], chat?: PeerKey): readonly number[] {
    const groupedId = Buffer.from(this.#world.parts.random.bytes(8)).readBigInt64BE(0);
    return files.map((file) => this.#send({ text: file.caption ?? '', media: this.#upload(file), groupedId }, chat));
  }

  sendLocation({ latitude, longitude, name }: Place, chat?: PeerKey): number {
    const geo = { _: 'geoPoint', long: longitude, lat: latitude, accessHash: 0n };
    const venue = { title: name ?? '', address: '', provider: '', venueId: '', venueType: '' };
    const media = name === undefined ? { _: 'messageMediaGeo', geo } : { _: 'messageMediaVenue', geo, ...venue };
    return this.#send({ text: '', media: { type: 'plain', media } }, chat);
  }

  sendContact({ name, phones }: Card, chat?: PeerKey): number {
    const lines = phones.map((phone) => `TEL;TYPE=CELL:${phone}`);
    const vcard = ['BEGIN:VCARD', 'VERSION:3.0', `FN:${name}`, ...lines, 'END:VCARD'].join('\n');
    const [firstName = '', ...rest] = name.split(' ');
    const names = { phoneNumber: phones[0] ?? '', firstName, lastName: rest.join(' ') };
    const media = { _: 'messageMediaContact', ...names, vcard, userId: 0n };
    return this.#send({ text: '', media: { type: 'plain', media } }, chat);
  }

  sendPoll({ question, options, multiple = false, isPublic = false }: Ballot, chat?: PeerKey): number {
    const id = Buffer.from(this.#world.parts.random.bytes(8)).readBigInt64BE(0);
    const written = options.map((text, index) => ({ text, option: Uint8Array.of(index) }));
    const facts = { id, creator: this.account.id, question, options: written, multiple, isPublic, votes: new Map() };
    this.#world.parts.state.polls.set(id, facts);
    return this.#send({ text: '', media: { type: 'poll', pollId: id } }, chat);
  }

  /** Any finished `messageMedia…`: dice, invoices, what the network may think of next. */
  sendPlain(media: TlObject, text = '', chat?: PeerKey): number {
    return this.#send({ text, media: { type: 'plain', media } }, chat);
  }

  /** No options take the vote back. */
  vote(id: number, options: readonly number[], chat?: PeerKey): void {
    const copy = this.#copy(id, chat);
    const { media } = this.#world.parts.messages.post(copy.uid);
    if (media?.type !== 'poll') throw new Error('not a poll');
    this.#world.parts.signs.vote(
      { account: this.account },
      copy,
      this.#world.parts.messages.poll(media.pollId),
      options,
    );
  }

  /** An empty emoji takes the reaction back. */
  react(toId: number, emoji: string, chat?: PeerKey): void {
    this.#world.parts.exchange.react({ account: this.account }, this.#copy(toId, chat), emoji);
  }

  edit(id: number, text: string, chat?: PeerKey): void {
    this.#world.parts.exchange.edit({ account: this.account }, this.#copy(id, chat), { text, entities: [] });
  }

  /** For everybody. */
  erase(id: number, chat?: PeerKey): void {
    const copy = this.#copy(id, chat);
    const actor = { account: this.account };
    if (isChannelKey(copy.peer)) this.#world.parts.exchange.eraseInChannel(actor, BigInt(copy.peer.slice(1)), [copy]);
    else this.#world.parts.exchange.erase(actor, [copy], { forAll: true });
  }

  /** Of the guest's own messages or anybody's; answers the new id. */
  forward(id: number, chat?: PeerKey): number {
    const { text, entities, media, author, date, forward } = this.#world.parts.messages.post(this.#copy(id, chat).uid);
    const origin = forward ?? { author, date };
    return this.#send({ text, entities, ...(media === undefined ? {} : { media }), forward: origin }, chat);
  }

  /** Passes on what `author` wrote to somebody else. */
  passOn(text: string, author: AccountRecord, chat?: PeerKey): number {
    return this.#send({ text, forward: { author: author.id, date: this.#world.parts.exchange.now() } }, chat);
  }

  /** Reads everything in the chat. */
  read(chat?: PeerKey): void {
    const peer = chat ?? userKey(this.desk.id);
    const { exchange, reading, peers } = this.#world.parts;
    const newest = history(exchange.sequence(this.account, peer), peer)[0]?.id ?? 0;
    const actor = { account: this.account };
    if (isChannelKey(peer)) reading.readChannel(actor, peer, peers.channel(BigInt(peer.slice(1))), newest);
    else reading.read(actor, peer, newest);
  }

  startTyping(chat?: PeerKey): void {
    this.#type({ _: 'sendMessageTypingAction' }, chat);
  }

  stopTyping(chat?: PeerKey): void {
    this.#type({ _: 'sendMessageCancelAction' }, chat);
  }

  goOnline(isOnline = true): void {
    this.#world.parts.signs.status(this.account, isOnline);
  }

  /** The desk can no longer write to the guest, or can again. */
  block(isBlocked = true): void {
    if (isBlocked) {
      this.account.blocked.add(this.desk.id);
      this.#world.parts.enforcement.blocked(this.desk);
    } else this.account.blocked.delete(this.desk.id);
  }

  createGroup(title: string, others: readonly Guest[]): PeerKey {
    const members = [this.desk, ...others.map(({ account }) => account)];
    return groupKey(this.#world.town.createGroup({ account: this.account }, title, members).id);
  }

  createSupergroup(title: string, others: readonly Guest[]): PeerKey {
    const members = [this.desk, ...others.map(({ account }) => account)];
    return channelKey(this.#world.town.createSupergroup({ account: this.account }, title, members).id);
  }

  #type(action: TlObject, chat?: PeerKey): void {
    this.#world.parts.signs.typing({ account: this.account }, chat ?? userKey(this.desk.id), action);
  }

  #upload(file: SaidFile): Media {
    const { bytes, mimeType } = file;
    const { dcId } = this.account;
    const record = this.#world.parts.files.add({ bytes, mimeType, attributes: attributesOf(file), dcId });
    return { type: file.kind === 'photo' ? 'photo' : 'document', fileId: record.id };
  }

  #send(draft: Draft, chat?: PeerKey): number {
    const peer = chat ?? userKey(this.desk.id);
    const { post } = this.#world.parts.exchange.send({ account: this.account }, peer, draft);
    return this.screen.deskId(post, peer);
  }

  /** The guest's own copy of what the desk has under this id. */
  #copy(id: number, chat?: PeerKey): Copy {
    const { exchange } = this.#world.parts;
    const uid = exchange.sequence(this.desk, chat ?? userKey(this.desk.id)).copies.get(id)?.uid ?? 0;
    const copy = copyOf(exchange.sequence(this.account, chat ?? userKey(this.desk.id)), uid);
    if (copy === undefined) throw new Error(`no message ${id} on this phone`);
    return copy;
  }
}
