import type { Chat } from '../connector-api/index.ts';
import type { Clock, Timer } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { SessionLink } from './session-links.ts';

/** Phones hide "typing…" after some 25 s without a refresh; people's clients repeat it about this often; ms. */
const REFRESH_MS = 10_000;
/** A courtesy: nothing waits longer for it; ms. */
const TYPING_TIMEOUT_MS = 5_000;

export interface TypingShown {
  /** Takes the sign away. Never rejects. */
  end(): Promise<void>;
}

/** Shows the guest that somebody types, until `end`. A failure is logged and changes nothing. Used by the outbox. */
export function showTyping(deps: {
  readonly clock: Clock;
  readonly link: SessionLink;
  readonly log: Logger;
  readonly chat: Chat;
  readonly isWanted: boolean;
  /** Aborts when the session goes down: then there is nobody to tell. */
  readonly signal: AbortSignal;
}): TypingShown {
  const { clock, link, chat, signal } = deps;
  if (!deps.isWanted || !link.handle.features.has('typing')) return { end: () => Promise.resolve() };
  let timer: Timer | undefined;
  let isOver = false;
  const show = async (on: boolean): Promise<void> => {
    try {
      await link.handle.call('setTyping', { chat, on }, { timeoutMs: TYPING_TIMEOUT_MS, signal });
    } catch (error) {
      deps.log.debug('typing not shown', {
        session: link.sessionId,
        error: error instanceof Error ? error : String(error),
      });
    }
  };
  const refresh = async (): Promise<void> => {
    await show(true);
    if (!isOver && !signal.aborted) timer = clock.after(REFRESH_MS, () => void refresh());
  };
  const shown = refresh();
  return {
    async end() {
      isOver = true;
      timer?.cancel();
      await shown;
      if (!signal.aborted) await show(false);
    },
  };
}
