/**
 * One end of a line between the daemon and a process that runs sessions. Carries plain data, in order; what is not plain
 * data is refused at the sending end. An end whose other side is gone swallows what is sent.
 */
export interface Link {
  /** Throws when `message` cannot be cloned. */
  send(message: object): void;
  /** Called once, before the first message can arrive. `onClose` is called at most once, after the last message. */
  listen(listener: { onMessage(message: unknown): void; onClose(): void }): void;
  /** Idempotent; the other end sees it close. */
  close(): void;
}
