import { dueAtOf } from '../../src/engine/pacing/lanes.ts';
import type { Intent } from '../../src/engine/pacing/types.ts';
import type { ZoneTime } from '../../src/engine/pacing/zone-time.ts';
import type { Draws } from './hotel-draws.ts';
import type { HotelKind } from './hotel-kinds.ts';

/** Somebody who stays, or is on a list. */
export interface HotelGuest {
  readonly id: string;
  /** Wrote to this number before the month. */
  readonly wroteBefore: boolean;
  readonly isOnNetwork: boolean;
  readonly replyRate: number;
  readonly blockRate: number;
  readonly optOutRate: number;
}

export interface Stay {
  readonly guest: HotelGuest;
  readonly checkIn: number;
  readonly checkOut: number;
}

/** What happens by itself, whatever the network does: what the PMS hands over, and what guests ask. */
export type Happening =
  | { readonly at: number; readonly do: 'hand_over'; readonly intent: Intent }
  | { readonly at: number; readonly do: 'ask'; readonly guest: string; readonly words: number };

export interface HotelMonth {
  readonly kind: HotelKind;
  readonly from: number;
  readonly until: number;
  readonly zone: ZoneTime;
  readonly guests: Map<string, HotelGuest>;
  readonly stays: Stay[];
  /** In the order of time. */
  readonly happenings: Happening[];
}

/** Adds what is handed over, if it is within the month. */
export function handOver(month: HotelMonth, intent: Omit<Intent, 'retryAt' | 'review'>): void {
  const whole: Intent = { ...intent, retryAt: null, review: 'none' };
  if (intent.queuedAt < month.from || intent.queuedAt >= month.until || dueAtOf(whole) >= month.until) return;
  month.happenings.push({ at: intent.queuedAt, do: 'hand_over', intent: whole });
}

export function addGuest(month: HotelMonth, draws: Draws, id: string, changes: Partial<HotelGuest> = {}): HotelGuest {
  const { replyRate, optOutRate } = month.kind;
  const guest = {
    id,
    wroteBefore: draws.chance(0.1),
    isOnNetwork: draws.chance(0.97),
    replyRate,
    optOutRate,
    blockRate: 0.001,
    ...changes,
  };
  month.guests.set(id, guest);
  return guest;
}

/** A text that nobody types: what a PMS sends. */
export function template(
  messageId: string,
  conversationId: string,
  textKey: string,
  queuedAt: number,
): Omit<Intent, 'retryAt' | 'review'> {
  return {
    messageId,
    conversationId,
    purpose: 'service',
    urgency: 'normal',
    textLength: 80 + (messageId.length % 7) * 40,
    hasMedia: false,
    isTemplate: true,
    textKey,
    queuedAt: Math.round(queuedAt),
    sendAt: null,
    expiresAt: null,
  };
}
