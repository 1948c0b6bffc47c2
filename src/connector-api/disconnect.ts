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

/**
 * What a person has to mend. `configuration`: a setting is wrong, and `detail` names it. `elsewhere`: another program holds the account
 * for certain; without it an end of kind `replaced` may be the work of an earlier connection of our own.
 */
export const finalReasons = ['configuration', 'elsewhere'] as const;
export type FinalReason = (typeof finalReasons)[number];

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
  /** Another attempt is of no use before a person has acted, whatever the kind: the session stops at once. */
  readonly final?: FinalReason;
  /** It would have ended so with any client version: the network was not reached, or gave a reason that has nothing to do with it. */
  readonly anyVersion?: true;
  /** Whatever else an unknown cause carried, kept whole for diagnosis. */
  readonly native?: JsonObject;
}

/** One row of a channel's reference of ends: what the network says, and what this connector makes of it. */
export interface DisconnectRow {
  /** The network's own code or word, or what was seen, for people. */
  readonly native: string;
  readonly kind: DisconnectKind;
  readonly code: string;
  readonly detail?: string;
  readonly final?: FinalReason;
  readonly anyVersion?: true;
}

/** A row from the connector's own table, so that the reference cannot tell anything else. */
export function disconnectRow(native: string, cause: DisconnectCause): DisconnectRow {
  const { kind, code, detail, final, anyVersion } = cause;
  return {
    native,
    kind,
    code,
    ...(detail === undefined ? {} : { detail }),
    ...(final === undefined ? {} : { final }),
    ...(anyVersion === undefined ? {} : { anyVersion }),
  };
}
