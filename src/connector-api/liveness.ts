/** How a session's line is doing, told without asking the network. Plain data. */
export interface SessionVitals {
  /** Since the last byte from the network; ms. Null while no connection is open. */
  readonly silentForMs: number | null;
  /**
   * Age of the oldest thing that has come in and has not been handed to `emit` yet: in the library's buffer, a decoder, a queue of
   * the connector; ms. 0 = nothing waits. What waits for the daemon to store it is not meant.
   */
  readonly oldestPendingMs: number;
  /**
   * What the network has sent unasked since `connect`: messages, receipts, notices. Answers to questions of the client do not count.
   * Only grows; begins at 0 with each connection.
   */
  readonly pushes: number;
}

/** Optional: tells how the line is doing. Asked every few seconds by the host. Synchronous, no network, must be cheap. */
export interface VitalSession {
  vitals(): SessionVitals;
}

/**
 * Optional: sends something small through all that a guest's message passes on its way in: the network, the socket, the library, the
 * connector's decoding and journal. It comes back as the event `canary` with the same token, or never.
 */
export interface CanarySession {
  /**
   * Resolves when the network has taken it; the event may come before that. `token`: up to 32 characters a–z and 0–9. Called one at a
   * time, at most every half minute, and once more at once after one that did not come back within 15 s. Rejects with a SendError.
   */
  sendCanary(token: string): Promise<void>;
}

/**
 * Who answers a channel's canary. `network`: its servers, so silence is proof. `phone`: the account's own phone, which may be
 * switched off, so silence is only a doubt.
 */
export type CanaryAnswerer = 'network' | 'phone';
