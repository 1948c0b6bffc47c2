import type { Clock } from '../../../../src/core/clock.ts';
import type { TlObject } from '../../tl.ts';
import type { Watchers } from './happening.ts';
import type { Peers } from './peers.ts';
import type { Pushes } from './pushes.ts';
import type { MessageRenderer } from './render-message.ts';
import type { Rules } from './rules.ts';
import type { AccountRecord, Copy, Media, Post, WorldState } from './state.ts';

/** Who does something; with a key where it is a client's call, which learns the outcome by its answer. */
export interface Actor {
  readonly account: AccountRecord;
  readonly keyId?: string;
}

export interface Draft {
  readonly text: string;
  readonly entities?: readonly TlObject[];
  readonly media?: Media;
  /** uid of a post. */
  readonly replyTo?: number;
  readonly groupedId?: bigint;
  readonly forward?: NonNullable<Post['forward']>;
  readonly action?: TlObject;
}

export interface Sent {
  readonly post: Post;
  /** The author's own. */
  readonly copy: Copy;
  /** `updateNewMessage` or `updateNewChannelMessage` for the author. */
  readonly update: TlObject;
}

export interface ExchangeParts {
  readonly state: WorldState;
  readonly peers: Peers;
  readonly messages: MessageRenderer;
  readonly pushes: Pushes;
  readonly watchers: Watchers;
  readonly rules: Rules;
  readonly clock: Clock;
}
