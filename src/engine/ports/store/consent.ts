import type { ConsentEntry } from '../../model/consent.ts';
import type { Guest } from '../../model/conversation.ts';
import type { Message } from '../../model/message.ts';
import type { Page, PageQuery, PropertyFilter } from './common.ts';

export interface ConsentStore {
  /**
   * Writes a row of the ledger and, where that changes what the guest last asked for, the guest with `guest.opted_out` or
   * `guest.opted_in`; on opting out everything leaves the queue that may no longer be sent, as `cancelled` with the error code
   * `opted_out`. One transaction. Rejects with `not_found`.
   */
  recordConsent(
    guestId: string,
    entry: Omit<ConsentEntry, 'at'>,
    property: PropertyFilter,
    at: number,
  ): Promise<{ readonly guest: Guest; readonly changed: boolean; readonly cancelled: readonly Message[] }>;
  /** Newest first. Rejects with `not_found`. */
  listConsents(guestId: string, property: PropertyFilter, page: PageQuery): Promise<Page<ConsentEntry>>;
}
