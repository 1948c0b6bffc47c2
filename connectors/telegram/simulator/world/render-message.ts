import type { TlObject } from '../../tl.ts';
import { isChannelKey, isUserKey, toPeer, userKey } from './peers.ts';
import { copyOf } from './sequence.ts';
import type { AccountRecord, Copy, FileRecord, Media, PollRecord, Post, Sequence, WorldState } from './state.ts';

const RECENT = 3; // how many reactions are shown with their people

/** Messages as one account sees them. */
export class MessageRenderer {
  readonly #state: WorldState;

  constructor(deps: { readonly state: WorldState }) {
    this.#state = deps.state;
  }

  message(copy: Copy, viewer: AccountRecord): TlObject {
    const post = this.post(copy.uid);
    const isOut = isChannelKey(copy.peer) ? post.author === viewer.id : copy.out;
    const base = {
      id: copy.id,
      ...(isOut ? { out: true } : {}),
      ...(isUserKey(copy.peer) ? {} : { fromId: toPeer(userKey(post.author)) }), // in private chats nobody is named
      peerId: toPeer(copy.peer),
      ...this.#replyTo(post, copy, viewer),
      date: post.date,
    };
    if (post.action !== undefined) return { _: 'messageService', ...base, action: post.action };
    return {
      _: 'message',
      ...base,
      ...this.#forward(post),
      message: post.text,
      ...(post.media === undefined ? {} : { media: this.media(post.media, viewer) }),
      ...(post.entities.length === 0 ? {} : { entities: post.entities }),
      ...(post.editDate === undefined ? {} : { editDate: post.editDate }),
      ...(post.groupedId === undefined ? {} : { groupedId: post.groupedId }),
      ...(post.reactions.size === 0 ? {} : { reactions: this.reactions(post, viewer) }),
    };
  }

  post(uid: number): Post {
    const post = this.#state.posts.get(uid);
    if (post === undefined) throw new Error('a copy of nothing');
    return post;
  }

  reactions(post: Post, viewer: AccountRecord): TlObject {
    const emojis = [...new Set([...post.reactions.values()].map(({ emoji }) => emoji))];
    const mine = post.reactions.get(viewer.id)?.emoji;
    return {
      _: 'messageReactions',
      canSeeList: true,
      results: emojis.map((emoticon) => ({
        _: 'reactionCount',
        ...(emoticon === mine ? { chosenOrder: 0 } : {}),
        reaction: { _: 'reactionEmoji', emoticon },
        count: [...post.reactions.values()].filter(({ emoji }) => emoji === emoticon).length,
      })),
      recentReactions: [...post.reactions]
        .slice(-RECENT)
        .toReversed()
        .map(([by, { emoji, date }]) => ({
          _: 'messagePeerReaction',
          ...(by === viewer.id ? { my: true } : {}),
          peerId: toPeer(userKey(by)),
          date,
          reaction: { _: 'reactionEmoji', emoticon: emoji },
        })),
    };
  }

  media(media: Media, viewer: AccountRecord): TlObject {
    switch (media.type) {
      case 'plain':
        return media.media;
      case 'photo':
        return { _: 'messageMediaPhoto', photo: photoOf(this.#file(media.fileId)) };
      case 'document':
        return documentMedia(this.#file(media.fileId));
      case 'poll': {
        const poll = this.poll(media.pollId);
        return { _: 'messageMediaPoll', poll: pollOf(poll, viewer), results: pollResults(poll, viewer) };
      }
    }
  }

  poll(id: bigint): PollRecord {
    const poll = this.#state.polls.get(id);
    if (poll === undefined) throw new Error('a message with a poll that is not there');
    return poll;
  }

  #file(id: bigint): FileRecord {
    const file = this.#state.files.get(id);
    if (file === undefined) throw new Error('a message with a file that is not there');
    return file;
  }

  #replyTo(post: Post, copy: Copy, viewer: AccountRecord): { readonly replyTo?: TlObject } {
    if (post.replyTo === undefined) return {};
    const id = copyOf(this.#sequence(copy, viewer), post.replyTo)?.id;
    return id === undefined ? {} : { replyTo: { _: 'messageReplyHeader', replyToMsgId: id } };
  }

  #sequence(copy: Copy, viewer: AccountRecord): Sequence {
    if (!isChannelKey(copy.peer)) return viewer.box;
    return this.#state.channels.get(BigInt(copy.peer.slice(1)))?.sequence ?? viewer.box;
  }

  #forward(post: Post): { readonly fwdFrom?: TlObject } {
    if (post.forward === undefined) return {};
    const { author, date } = post.forward;
    return { fwdFrom: { _: 'messageFwdHeader', fromId: toPeer(userKey(author)), date } };
  }
}

const THUMB_TYPE = 'm';
const PHOTO_TYPE = 'y';
/** The small size of a photo is the beginning of its bytes: enough to catch a client that takes the wrong one. */
const THUMB_BYTES = 64;
const THUMB_SIDE = 320;

export function photoOf(file: FileRecord): TlObject {
  const size = file.attributes.find(({ _ }) => _ === 'documentAttributeImageSize');
  const [w, h] = [Number(size?.['w'] ?? 0), Number(size?.['h'] ?? 0)];
  const thumb = { w: THUMB_SIDE, h: THUMB_SIDE, size: Math.min(THUMB_BYTES, file.bytes.length) };
  return {
    _: 'photo',
    id: file.id,
    accessHash: file.accessHash,
    fileReference: file.reference,
    date: file.date,
    sizes: [
      { _: 'photoSize', type: THUMB_TYPE, ...thumb },
      { _: 'photoSize', type: PHOTO_TYPE, w, h, size: file.bytes.length },
    ],
    dcId: file.dcId,
  };
}

/** The bytes of a size of a photo; undefined for one that it does not have. */
export function photoBytes(file: FileRecord, size: string): Uint8Array | undefined {
  if (size === PHOTO_TYPE) return file.bytes;
  return size === THUMB_TYPE ? file.bytes.subarray(0, THUMB_BYTES) : undefined;
}

function documentMedia(file: FileRecord): TlObject {
  const video = file.attributes.find(({ _ }) => _ === 'documentAttributeVideo');
  const isRound = video?.['roundMessage'] === true;
  const isVoice = file.attributes.some((one) => one._ === 'documentAttributeAudio' && one['voice'] === true);
  return {
    _: 'messageMediaDocument',
    ...(video !== undefined && !isRound ? { video: true } : {}),
    ...(isRound ? { round: true } : {}),
    ...(isVoice ? { voice: true } : {}),
    document: {
      _: 'document',
      id: file.id,
      accessHash: file.accessHash,
      fileReference: file.reference,
      date: file.date,
      mimeType: file.mimeType,
      size: BigInt(file.bytes.length),
      dcId: file.dcId,
      attributes: file.attributes,
    },
  };
}

export function pollOf(poll: PollRecord, viewer: AccountRecord): TlObject {
  return {
    _: 'poll',
    id: poll.id,
    ...(poll.isPublic ? { publicVoters: true } : {}),
    ...(poll.multiple ? { multipleChoice: true } : {}),
    ...(poll.creator === viewer.id ? { creator: true } : {}),
    question: { _: 'textWithEntities', text: poll.question, entities: [] },
    answers: poll.options.map(({ text, option }) => ({
      _: 'pollAnswer',
      text: { _: 'textWithEntities', text, entities: [] },
      option,
    })),
    hash: 0n,
  };
}

export function pollResults(poll: PollRecord, viewer: AccountRecord): TlObject {
  const mine = poll.votes.get(viewer.id) ?? [];
  const voters = poll.isPublic ? [...poll.votes.keys()].slice(-RECENT).map((id) => toPeer(userKey(id))) : [];
  return {
    _: 'pollResults',
    results: poll.options.map(({ option }, index) => ({
      _: 'pollAnswerVoters',
      ...(mine.includes(index) ? { chosen: true } : {}),
      option,
      voters: [...poll.votes.values()].filter((chosen) => chosen.includes(index)).length,
      recentVoters: [],
    })),
    totalVoters: poll.votes.size,
    ...(voters.length === 0 ? {} : { recentVoters: voters }),
  };
}
