import type { LimitScope } from '../../../connector-api/index.ts';
import type { AccessStore, MediaCatalog } from './access.ts';
import type { AlertStore } from './alerts.ts';
import type { CommitSummary } from './common.ts';
import type { ConsentStore } from './consent.ts';
import type { ConversationStore } from './conversations.ts';
import type { EventStore, WebhookStore } from './events.ts';
import type { MessageStore } from './messages.ts';
import type { PacingStore } from './pacing.ts';
import type { SessionStore } from './sessions.ts';
import type { VersionStore } from './versions.ts';

/** Figures for metrics and health; cheap. */
export interface StoreFigures {
  /** `oldestAt`: since when the longest has waited; a message that is set for a time to come waits from then on. */
  readonly queued: readonly { readonly session: string; readonly count: number; readonly oldestAt: number | null }[];
  readonly deliveriesPending: number;
  readonly deliveriesDead: number;
  /** Of webhooks that are enabled. */
  readonly oldestDeliveryAt: number | null;
  /** `refused`: disabled because the endpoint asked for it; `paused`: by a person. */
  readonly webhooks: { readonly enabled: number; readonly paused: number; readonly refused: number };
  /** Sessions for which a network has closed something. */
  readonly limits: readonly { readonly session: string; readonly scope: LimitScope; readonly count: number }[];
  /** Sessions that write to fewer new guests than usual, or to none, because the network has warned or guests do not like it. */
  readonly brakes: readonly { readonly session: string; readonly rule: string }[];
}

/**
 * The durable memory of the daemon. Each operation is one transaction and resolves only once it is durable; operations of one
 * event-loop turn share one commit. Operations are coarse so that a networked database can stand behind the same port.
 * Rejections are BellhopErrors: `not_found`, `store_full`, `store_unavailable`, `invalid_cursor` and those named at each operation.
 */
export interface Store
  extends SessionStore,
    MessageStore,
    ConversationStore,
    EventStore,
    WebhookStore,
    AccessStore,
    MediaCatalog,
    VersionStore,
    ConsentStore,
    AlertStore,
    PacingStore {
  /** Called after each commit; returns an unsubscribe function. Listeners must not throw. */
  onCommit(listener: (summary: CommitSummary) => void): () => void;
  figures(now: number): Promise<StoreFigures>;
  /** Answers when the store can write; rejects otherwise. For /readyz. */
  ping(): Promise<void>;
  /** Finishes what is under way, then closes. */
  close(): Promise<void>;
}

export type * from './access.ts';
export type * from './alerts.ts';
export type * from './common.ts';
export type * from './consent.ts';
export type * from './conversations.ts';
export type * from './events.ts';
export type * from './messages.ts';
export type * from './pacing.ts';
export type * from './sessions.ts';
export type * from './versions.ts';
