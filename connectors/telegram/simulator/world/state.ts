import type { TlObject } from '../../tl.ts';

/*
 * Everything that the network knows, as plain records. All of it survives `encodePlain`: no functions, no cycles; messages point at
 * each other by number.
 */

/** `u<id>` a person, `g<id>` a basic group, `c<id>` a supergroup or channel. */
export type PeerKey = `u${string}` | `g${string}` | `c${string}`;

/** One message as it was said, whoever has a copy of it. */
export interface Post {
  readonly uid: number;
  readonly author: bigint;
  /** Seconds since the epoch, as all times of the protocol. */
  readonly date: number;
  text: string;
  entities: readonly TlObject[];
  media?: Media;
  readonly replyTo?: number;
  readonly groupedId?: bigint;
  readonly forward?: { readonly author: bigint; readonly date: number };
  /** A service message (`messageAction…`). */
  readonly action?: TlObject;
  editDate?: number;
  readonly reactions: Map<bigint, { readonly emoji: string; readonly date: number }>;
}

export type Media =
  | { readonly type: 'photo'; readonly fileId: bigint }
  | { readonly type: 'document'; readonly fileId: bigint }
  | { readonly type: 'poll'; readonly pollId: bigint }
  /** A finished `messageMedia…` without files: places, contacts, dice. */
  | { readonly type: 'plain'; readonly media: TlObject };

export interface PollRecord {
  readonly id: bigint;
  readonly creator: bigint;
  readonly question: string;
  readonly options: readonly { readonly text: string; readonly option: Uint8Array }[];
  readonly multiple: boolean;
  readonly isPublic: boolean;
  /** Indexes of options, by voter. */
  readonly votes: Map<bigint, readonly number[]>;
}

export interface FileRecord {
  readonly id: bigint;
  readonly accessHash: bigint;
  reference: Uint8Array;
  readonly date: number;
  readonly dcId: number;
  readonly mimeType: string;
  readonly bytes: Uint8Array;
  readonly attributes: readonly TlObject[];
}

/** A message as one account, or one channel, has it. */
export interface Copy {
  readonly id: number;
  readonly uid: number;
  readonly peer: PeerKey;
  readonly out: boolean;
}

/** What moved a pts. New and edited messages are written out when they are asked for, as they are then. */
export type LogEntry = { readonly pts: number; readonly count: number } & (
  | { readonly type: 'message' | 'edit'; readonly id: number }
  | { readonly type: 'update'; readonly update: TlObject }
);

/** A numbered sequence of messages: an account's, or a channel's. */
export interface Sequence {
  pts: number;
  lastId: number;
  readonly copies: Map<number, Copy>;
  readonly byUid: Map<number, number>;
  readonly log: LogEntry[];
  /** Entries up to this pts were thrown away. */
  forgotten: number;
}

export interface ReadMarks {
  inbox: number;
  outbox: number;
}

export interface AccountRecord {
  readonly id: bigint;
  /** Digits only, as the protocol writes it. */
  readonly phone: string;
  readonly dcId: number;
  firstName: string;
  lastName?: string;
  username?: string;
  password?: { readonly salt1: Uint8Array; readonly salt2: Uint8Array; readonly verifier: bigint };
  standing: 'active' | 'deleted' | 'banned' | 'frozen';
  isOnline: boolean;
  lastOnlineAt: number;
  readonly contacts: Set<bigint>;
  readonly blocked: Set<bigint>;
  /** Who sees the number; whether strangers may write; who is found by number. */
  phoneVisibleTo: 'everybody' | 'contacts';
  writableBy: 'everybody' | 'contacts';
  foundByPhone: boolean;
  readonly box: Sequence;
  /** The second counter of an account's updates: votes in polls. */
  readonly votes: { qts: number; readonly log: { readonly qts: number; readonly update: TlObject }[] };
  readonly reads: Map<PeerKey, ReadMarks>;
  /** randomId → message id, for ever. */
  readonly randomIds: Map<bigint, number>;
}

export interface GroupRecord {
  readonly id: bigint;
  title: string;
  readonly creator: bigint;
  readonly date: number;
  version: number;
  readonly members: Set<bigint>;
}

export interface ChannelRecord {
  readonly id: bigint;
  title: string;
  readonly creator: bigint;
  readonly date: number;
  readonly members: Set<bigint>;
  readonly sequence: Sequence;
  slowmodeSeconds: number;
  readonly lastSentAt: Map<bigint, number>;
  /** Seconds; when its pts moved last. */
  changedAt: number;
}

/** A key of a client, and whose it is. */
export interface Authorization {
  readonly keyId: string;
  readonly dcId: number;
  accountId?: bigint;
  /** `password`: the code was right. `files`: an imported authorization on another data centre. */
  stage: 'none' | 'password' | 'full' | 'files';
  /** The `rpcError` that every call gets from now on. */
  dead?: { readonly code: number; readonly text: string };
  readonly hash: bigint;
  readonly since: number;
  seq: number;
  /** People and chats that this client has been told of. */
  readonly known: Set<PeerKey>;
}

export interface WorldState {
  /** Access hashes are derived from it. */
  secret: string;
  /** The last numbers given out. */
  serial: { post: number; user: number; chat: number; file: number };
  readonly accounts: Map<bigint, AccountRecord>;
  readonly groups: Map<bigint, GroupRecord>;
  readonly channels: Map<bigint, ChannelRecord>;
  readonly posts: Map<number, Post>;
  readonly polls: Map<bigint, PollRecord>;
  readonly files: Map<bigint, FileRecord>;
  readonly authorizations: Map<string, Authorization>;
}

export function emptySequence(): Sequence {
  return { pts: 1, lastId: 0, copies: new Map(), byUid: new Map(), log: [], forgotten: 1 };
}

export function emptyState(secret: string): WorldState {
  return {
    secret,
    serial: { post: 0, user: 0, chat: 0, file: 0 },
    accounts: new Map(),
    groups: new Map(),
    channels: new Map(),
    posts: new Map(),
    polls: new Map(),
    files: new Map(),
    authorizations: new Map(),
  };
}
