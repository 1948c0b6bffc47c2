import type { EventEnvelope, EventType } from '../../model/event.ts';
import type { Delivery, DeliveryStatus, Webhook } from '../../model/webhook.ts';
import type { Page, PageQuery, PropertyFilter } from './common.ts';

export interface EventQuery {
  readonly property: PropertyFilter;
  /** Exclusive; absent = from the beginning. */
  readonly after?: string;
  /** Names or prefixes (`message.*`); empty = all. */
  readonly types?: readonly string[];
  readonly limit: number;
}

export interface EventStore {
  /** In the order of the cursor. `nextCursor` is the place to go on from, also when nothing new was there. */
  listEvents(query: EventQuery): Promise<{ data: readonly EventEnvelope[]; nextCursor: string | null }>;
  /** Cursor of the newest event; `null` while the log is empty. */
  lastCursor(): Promise<string | null>;
}

export interface NewWebhook {
  readonly property: string;
  readonly url: string;
  readonly types: readonly string[];
  readonly description: string | null;
  /** `whsec_…`; kept sealed. */
  readonly secret: string;
  /** Set for endpoints of the configuration: the row is made or updated under this name at each start. */
  readonly configKey?: string;
}

/** One attempt to make: everything the dispatcher needs, so that it reads nothing else. */
export interface DeliveryJob {
  readonly deliveryId: string;
  readonly webhookId: string;
  readonly url: string;
  readonly secret: string;
  readonly eventId: string;
  readonly eventType: EventType;
  /** The exact bytes to sign and send; the same on every attempt. */
  readonly body: string;
  /** Attempts made before this one. */
  readonly attempts: number;
  readonly createdAt: number;
}

export type DeliveryOutcome =
  | { readonly type: 'delivered'; readonly at: number; readonly status: number }
  | {
      readonly type: 'retry';
      readonly at: number;
      readonly nextAt: number;
      readonly status: number | null;
      readonly error: string;
    }
  | { readonly type: 'dead'; readonly at: number; readonly status: number | null; readonly error: string };

export interface WebhookStore {
  saveWebhook(input: NewWebhook): Promise<Webhook>;
  getWebhook(id: string, property: PropertyFilter): Promise<Webhook | null>;
  listWebhooks(filter: { property: PropertyFilter }, page: PageQuery): Promise<Page<Webhook>>;
  /** Setting `disabled: false` lets what had waited go out. */
  updateWebhook(
    id: string,
    patch: { url?: string; types?: readonly string[]; description?: string | null; disabled?: boolean },
    property: PropertyFilter,
  ): Promise<Webhook>;
  deleteWebhook(id: string, property: PropertyFilter): Promise<void>;
  /** Disables it with a `webhook.disabled` event; what is pending stays, and what happens from then on waits beside it. */
  disableWebhook(id: string, reason: string, at: number): Promise<void>;
  /** One event `webhook.test` for this endpoint alone. */
  sendTestEvent(id: string, property: PropertyFilter, at: number): Promise<Delivery>;

  /**
   * Heads of their lines only: for each webhook and conversation the oldest undelivered event, due and not claimed.
   * Claimed until `leaseUntil`. Fair between webhooks: at most `perWebhook` each.
   */
  claimDeliveries(query: {
    now: number;
    leaseUntil: number;
    limit: number;
    perWebhook: number;
    /** Webhooks that have enough under way already: a hanging receiver must not hold up the others. */
    exclude: readonly string[];
  }): Promise<readonly DeliveryJob[]>;
  /**
   * Outcomes of one turn, in one transaction; a finished head lets the next of its line go. Survives a kill; a power cut may
   * undo the last of them, and those deliveries are made again under the same ids.
   */
  recordDeliveries(outcomes: readonly { deliveryId: string; outcome: DeliveryOutcome }[]): Promise<void>;
  /** At start: claims of a daemon that died are free again. */
  releaseDeliveries(): Promise<void>;
  nextDeliveryAt(): Promise<number | null>;
  listDeliveries(
    webhookId: string,
    filter: { status?: DeliveryStatus; property: PropertyFilter },
    page: PageQuery,
  ): Promise<Page<Delivery>>;
  redeliver(webhookId: string, deliveryId: string, property: PropertyFilter, at: number): Promise<Delivery>;
  /** New deliveries for the events in the range that this endpoint wants; returns how many. */
  replayEvents(
    webhookId: string,
    range: { after: string; until?: string },
    property: PropertyFilter,
    at: number,
  ): Promise<number>;
}
