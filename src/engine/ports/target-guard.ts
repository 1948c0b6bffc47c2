/** Decides where webhooks may go. Asked when a webhook is made (for a clear answer) and again at each connection (for safety). */
export interface TargetGuard {
  /**
   * Rejects with `webhook_target_invalid` (not an http(s) URL, or one with credentials) or `webhook_target_forbidden` (an address
   * that is not public and not on the allow-list). A name that does not resolve just now is accepted.
   */
  check(url: string): Promise<void>;
}
