import type { Random } from '../../../src/core/random.ts';
import type { TlObject } from '../tl.ts';
import type { ClientEnd } from './client.ts';
import type { GramjsEnvelope } from './gramjs-envelope.ts';
import type { GramjsSchema } from './gramjs-schema.ts';
import type { MessageIds } from './message-ids.ts';
import type { SaltBook } from './salt-book.ts';

/** What the server said to one message of ours. */
export type Reply =
  | { readonly type: 'result'; readonly body: Buffer }
  | { readonly type: 'error'; readonly code: number; readonly text: string }
  | { readonly type: 'pong' };

export interface SessionDeps {
  readonly schema: GramjsSchema;
  readonly envelope: Pick<GramjsEnvelope, 'seal' | 'open'>;
  readonly ids: MessageIds;
  readonly salts: SaltBook;
  readonly random: Random;
  readonly write: (packet: Buffer) => void;
  readonly onUpdates: (updates: TlObject) => void;
  /** The session cannot go on. */
  readonly onBroken: (end: ClientEnd) => void;
}
