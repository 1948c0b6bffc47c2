import type { JsonObject } from '../core/json.ts';

export const disconnectKinds = [
  'network',
  'restart_required',
  'client_outdated',
  'protocol_changed',
  'replaced',
  'restricted',
  'logged_out',
  'banned',
  'unknown',
] as const;
export type DisconnectKind = (typeof disconnectKinds)[number];

/** Why a connection ended, in words that are the same for every channel. */
export interface DisconnectCause {
  readonly kind: DisconnectKind;
  /** Stable and channel-specific, e.g. `whatsapp_405_client_outdated`. */
  readonly code: string;
  /** The network's raw number or word, unmerged. */
  readonly nativeCode?: string;
  /** The network's own waiting time; milliseconds. */
  readonly retryAfterMs?: number;
  /** One sentence for a person, without personal data. */
  readonly detail?: string;
  /** Whatever else an unknown cause carried, kept whole for diagnosis. */
  readonly native?: JsonObject;
}
