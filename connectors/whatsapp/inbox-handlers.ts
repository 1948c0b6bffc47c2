import type { BinaryNode, WAMessage } from '@whiskeysockets/baileys';

/**
 * What the session does with what came in. Called by the inbox worker only, never from the library's own events. Each
 * resolves once the daemon has stored what follows from it (that is: after `emit` resolved) or there is nothing to store;
 * a rejection means "again later, in the same place". May be called twice for the same thing after a kill, so the
 * daemon's de-duplication by network id is what makes it exactly once. Calls of one chat never overlap.
 */
export interface InboxHandlers {
  /**
   * A message as Baileys would have upserted it: decrypted, unwrapped from `deviceSentMessage`, keys cleaned. Offline and
   * live ones look alike. In `stanza` each ciphertext is replaced by its hash.
   * `wasUnreadable`: `onUnreadable` was called for this id before, the daemon has a placeholder under it.
   */
  onMessage(message: WAMessage, stanza: BinaryNode, facts: { readonly wasUnreadable: boolean }): Promise<void>;
  /** A message that could not be read in spite of every retry; only its envelope is known. Hand it over as `unsupported`. */
  onUnreadable(message: WAMessage, stanza: BinaryNode): Promise<void>;
  /** Mapping this message failed five times. Must not map it again: hand over key, time and raw as `unsupported`. */
  onPoison(message: WAMessage, stanza: BinaryNode): Promise<void>;
  onReceipt(stanza: BinaryNode): Promise<void>;
  onNotification(stanza: BinaryNode): Promise<void>;
  onCall(stanza: BinaryNode): Promise<void>;
  /** The phone has answered a canary; `at` in epoch ms. Called once; a rejection is not tried again. */
  onCanary(token: string, at: number): Promise<void>;
}

/** Thrown by a handler for content that it cannot map, as opposed to a daemon that does not take it just now. */
export class UnmappableError extends Error {
  constructor(cause: unknown) {
    super('the content cannot be mapped', { cause });
    this.name = 'UnmappableError';
  }
}

/** Whether trying again would only fail in the same way. */
export function isMapperFault(error: unknown): boolean {
  return (
    error instanceof UnmappableError ||
    error instanceof TypeError ||
    error instanceof RangeError ||
    error instanceof ReferenceError ||
    error instanceof SyntaxError
  );
}
