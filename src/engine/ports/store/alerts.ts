import type { Alert } from '../../model/alert.ts';
import type { AlertNotice } from '../alert-sink.ts';
import type { Page, PageQuery, PropertyFilter } from './common.ts';

/** An alert with what the engine remembers of it besides what it shows. */
export interface StoredAlert {
  /** Subject and kind: at most one open alert has it. */
  readonly key: string;
  readonly alert: Alert;
  /** Keys of the troubles that it stands for: its own, or those of a group. */
  readonly members: readonly string[];
  /** Actions that people have been told, so that each is told once. */
  readonly told: readonly string[];
  /** When people were last told something; epoch ms. */
  readonly toldAt: number;
  /** When the line last broke; epoch ms. */
  readonly lastDropAt: number | null;
  /** Of a group: how many were back when its text was last written. */
  readonly back?: number;
}

/** A notice that one way has not taken yet. At most one an alert and way: what comes later is merged into it. */
export interface PendingNotice extends AlertNotice {
  readonly way: string;
  readonly attempts: number;
  /** Epoch ms. */
  readonly dueAt: number;
}

/** Something that is wrong with an endpoint of an integrator. */
export interface WebhookTrouble {
  readonly webhookId: string;
  readonly property: string;
  /** Its URL may hold a token; this is all that may be shown. */
  readonly host: string;
  readonly disabledReason: string | null;
  /** Since when its oldest delivery that was tried waits; epoch ms. */
  readonly failingSince: number | null;
  /** A delivery was given up then, and none has arrived since; epoch ms. */
  readonly deadAt: number | null;
}

export interface Troubles {
  /** Messages that were to go out before `overdueBefore` and neither did nor are held by a rule. */
  readonly overdue: readonly { readonly session: string; readonly count: number; readonly oldestAt: number }[];
  /** Every endpoint, also those that are well. */
  readonly webhooks: readonly WebhookTrouble[];
}

export interface AlertNews {
  readonly event?: 'alert.opened' | 'alert.updated' | 'alert.closed' | undefined;
  /** Each is added, or replaces the one of the same alert and way. */
  readonly notices?: readonly PendingNotice[];
}

export interface AlertStore {
  /**
   * Adds it, or replaces what was known, in one transaction with the event that tells it and the notices that are to go out. Rejects
   * when another open alert has its key.
   */
  saveAlert(stored: StoredAlert, news?: AlertNews): Promise<void>;
  openAlerts(): Promise<readonly StoredAlert[]>;
  /** Newest first. */
  listAlerts(filter: { property: PropertyFilter; open?: boolean }, page: PageQuery): Promise<Page<Alert>>;
  /** Forgets alerts that were closed before; open ones stay. Resolves with how many. */
  pruneAlerts(before: number): Promise<number>;
  pendingNotices(): Promise<readonly PendingNotice[]>;
  /** Adds it, or replaces the one of the same alert and way. */
  savePendingNotice(notice: PendingNotice): Promise<void>;
  /** Idempotent. */
  dropPendingNotice(key: { readonly way: string; readonly alertId: string }): Promise<void>;
  findTroubles(query: { readonly overdueBefore: number }): Promise<Troubles>;
}
