import type { TlObject } from '../../tl.ts';
import { isObject } from '../../tl-fields.ts';
import { RpcError } from '../rpc.ts';
import type { Draft } from './exchange-parts.ts';
import {
  bytesOf,
  intOf,
  isSet,
  longOf,
  objectOf,
  objectsOf,
  optionalObject,
  optionalObjects,
  textOf,
} from './fields.ts';
import type { Caller, WorldParts } from './parts.ts';
import { idOf, isChannelKey, isUserKey, userKey } from './peers.ts';
import type { AccountRecord, Media, PeerKey } from './state.ts';

const LONGEST_TEXT = 4_096; // code points
const LONGEST_CAPTION = 1_024;
const MOST_OPTIONS = 12;
const PHOTO_SIDE = 800; // nobody looks into the bytes

/** What a call wants said, checked as the network checks it. */
export class Drafts {
  readonly #parts: WorldParts;

  constructor(parts: WorldParts) {
    this.#parts = parts;
  }

  text(call: TlObject): Draft {
    const text = textOf(call, 'message');
    if (text === '') throw new RpcError(400, 'MESSAGE_EMPTY');
    if (Array.from(text).length > LONGEST_TEXT) throw new RpcError(400, 'MESSAGE_TOO_LONG');
    return { text, entities: this.entities(call, text) };
  }

  /** A call, or an `inputSingleMedia`. `peer` is where it goes. */
  media(call: TlObject, caller: Caller, peer: PeerKey): Draft {
    const isPoll = objectOf(call, 'media')._ === 'inputMediaPoll';
    if (isPoll && isUserKey(peer) && peer !== userKey(caller.account.id)) throw new RpcError(400, 'MEDIA_INVALID');
    const text = textOf(call, 'message', '');
    if (Array.from(text).length > LONGEST_CAPTION) throw new RpcError(400, 'MEDIA_CAPTION_TOO_LONG');
    return { text, entities: this.entities(call, text), media: this.#media(objectOf(call, 'media'), caller) };
  }

  entities(call: TlObject, text: string): readonly TlObject[] {
    const entities = optionalObjects(call, 'entities');
    for (const entity of entities) {
      const [offset, length] = [intOf(entity, 'offset'), intOf(entity, 'length')];
      if (offset >= 0 && length > 0 && offset + length <= text.length) continue; // UTF-16 units, as strings count here
      this.#parts.violations.record('wrong_entity', entity._);
      throw new RpcError(400, 'ENTITY_BOUNDS_INVALID');
    }
    return entities.map((entity) => this.#asShown(entity));
  }

  /** Whom a mention means is named by a client as an input, and shown as an id. */
  #asShown(entity: TlObject): TlObject {
    if (entity._ !== 'inputMessageEntityMentionName') return entity;
    const { userId: user, ...place } = entity;
    if (!isObject(user) || user._ !== 'inputUser') throw new RpcError(400, 'USER_ID_INVALID');
    return { ...place, _: 'messageEntityMentionName', userId: longOf(user, 'userId') };
  }

  /** The uid of the post that a call replies to. */
  replyTo(call: TlObject, caller: Caller, peer: PeerKey): { readonly replyTo?: number } {
    const reply = optionalObject(call, 'replyTo');
    if (reply?._ !== 'inputReplyToMessage') return {};
    const copy = this.#parts.exchange.sequence(caller.account, peer).copies.get(intOf(reply, 'replyToMsgId'));
    if (copy === undefined || copy.peer !== peer) throw new RpcError(400, 'REPLY_MESSAGE_ID_INVALID');
    return { replyTo: copy.uid };
  }

  /** Whether the account may write there at all. */
  permit(account: AccountRecord, peer: PeerKey): void {
    if (isUserKey(peer)) this.#permitPerson(account, this.#parts.peers.account(idOf(peer)));
    else if (isChannelKey(peer)) this.#permitPace(account, idOf(peer));
  }

  #permitPerson(account: AccountRecord, other: AccountRecord): void {
    if (other.id === account.id) return;
    if (other.standing !== 'active') throw new RpcError(400, 'INPUT_USER_DEACTIVATED');
    if (account.blocked.has(other.id)) throw new RpcError(400, 'YOU_BLOCKED_USER');
    if (other.blocked.has(account.id)) throw new RpcError(400, 'USER_IS_BLOCKED');
    const isGuarded = other.writableBy === 'contacts' && !other.contacts.has(account.id);
    const isSpammer = !this.#parts.levers.mayWriteToStrangers(account);
    if ((!isGuarded && !isSpammer) || this.#hasHeardFrom(account, other)) return;
    if (isSpammer && !other.contacts.has(account.id)) throw new RpcError(400, 'PEER_FLOOD');
    if (isGuarded) throw new RpcError(403, 'USER_PRIVACY_RESTRICTED');
  }

  #hasHeardFrom(account: AccountRecord, other: AccountRecord): boolean {
    const peer = userKey(other.id);
    return [...account.box.copies.values()].some((copy) => copy.peer === peer && !copy.out);
  }

  #permitPace(account: AccountRecord, channelId: bigint): void {
    const channel = this.#parts.peers.channel(channelId);
    const now = this.#parts.clock.now();
    const next = (channel.lastSentAt.get(account.id) ?? -Infinity) + channel.slowmodeSeconds * 1000;
    if (channel.slowmodeSeconds > 0 && channel.creator !== account.id && next > now) {
      throw new RpcError(420, `SLOWMODE_WAIT_${Math.ceil((next - now) / 1000)}`);
    }
    channel.lastSentAt.set(account.id, now);
  }

  #media(input: TlObject, caller: Caller): Media {
    const { files } = this.#parts;
    switch (input._) {
      case 'inputMediaUploadedPhoto':
      case 'inputMediaUploadedDocument':
        return this.#uploaded(input, caller);
      case 'inputMediaPhoto':
        return { type: 'photo', fileId: files.find(objectOf(input, 'id')).id };
      case 'inputMediaDocument':
        return { type: 'document', fileId: files.find(objectOf(input, 'id')).id };
      case 'inputMediaGeoPoint':
        return { type: 'plain', media: { _: 'messageMediaGeo', geo: geoOf(objectOf(input, 'geoPoint')) } };
      case 'inputMediaVenue': {
        const { geoPoint: _, ...place } = input;
        return { type: 'plain', media: { ...place, _: 'messageMediaVenue', geo: geoOf(objectOf(input, 'geoPoint')) } };
      }
      case 'inputMediaContact':
        return { type: 'plain', media: { ...input, _: 'messageMediaContact', userId: this.#holderOf(input) } };
      case 'inputMediaPoll':
        return { type: 'poll', pollId: this.#poll(objectOf(input, 'poll'), caller.account.id) };
      default:
        throw new RpcError(400, 'MEDIA_INVALID');
    }
  }

  #uploaded(input: TlObject, caller: Caller): Media {
    const { files } = this.#parts;
    const { bytes, name } = files.assemble(caller.account.id, objectOf(input, 'file'));
    const { dcId } = caller.account;
    if (input._ === 'inputMediaUploadedPhoto') {
      const attributes = [{ _: 'documentAttributeImageSize', w: PHOTO_SIDE, h: PHOTO_SIDE }];
      return { type: 'photo', fileId: files.add({ bytes, mimeType: 'image/jpeg', attributes, dcId }).id };
    }
    const given = objectsOf(input, 'attributes');
    const isNamed = name === '' || given.some(({ _ }) => _ === 'documentAttributeFilename');
    const attributes = isNamed ? given : [...given, { _: 'documentAttributeFilename', fileName: name }];
    return {
      type: 'document',
      fileId: files.add({ bytes, mimeType: textOf(input, 'mimeType'), attributes, dcId }).id,
    };
  }

  #poll(poll: TlObject, creator: bigint): bigint {
    const question = textOf(objectOf(poll, 'question'), 'text');
    const options = objectsOf(poll, 'answers').map((answer, index) => ({
      text: textOf(objectOf(answer, 'text'), 'text'),
      option: answer._ === 'pollAnswer' ? bytesOf(answer, 'option') : Uint8Array.of(index),
    }));
    if (question === '' || question.length > 255) throw new RpcError(400, 'POLL_QUESTION_INVALID');
    if (options.length < 2 || options.length > MOST_OPTIONS) throw new RpcError(400, 'POLL_ANSWERS_INVALID');
    if (new Set(options.map(({ option }) => Buffer.from(option).toString('hex'))).size < options.length) {
      throw new RpcError(400, 'POLL_OPTION_DUPLICATE');
    }
    const id = Buffer.from(this.#parts.random.bytes(8)).readBigInt64BE(0);
    const [multiple, isPublic] = [isSet(poll, 'multipleChoice'), isSet(poll, 'publicVoters')];
    this.#parts.state.polls.set(id, { id, creator, question, options, multiple, isPublic, votes: new Map() });
    return id;
  }

  /** The account that a contact card names; 0 where there is none. */
  #holderOf(card: TlObject): bigint {
    const phone = textOf(card, 'phoneNumber').replace(/\D/g, '');
    return [...this.#parts.state.accounts.values()].find((account) => account.phone === phone)?.id ?? 0n;
  }
}

function geoOf(input: TlObject): TlObject {
  if (!isObject(input) || input._ !== 'inputGeoPoint') throw new RpcError(400, 'MEDIA_INVALID');
  return { _: 'geoPoint', long: Number(input['long']), lat: Number(input['lat']), accessHash: 0n };
}
