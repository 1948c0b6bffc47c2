import { leftOpen, toSendError } from './limits.ts';
import type { Caller } from './line.ts';
import type { Recipient } from './recipients.ts';
import type { TlObject, TlValue } from './tl.ts';
import { isObject, isSet, listAt } from './tl-fields.ts';

const METHOD = 'messages.getHistory';
const TIMEOUT_MS = 20_000;
/** The most that Telegram gives at once; a chat in which more was said meanwhile is a busy group. */
const MESSAGES_LOOKED_THROUGH = 100;

/** Looks in a chat for what the account has said there. */
export class SentSearch {
  readonly #line: Caller;

  constructor(deps: { line: Caller }) {
    this.#line = deps.line;
  }

  /** The account's own messages among the newest of a chat, oldest first. Rejects with a SendError that leaves a send open. */
  async ownMessages(to: Recipient, signal: AbortSignal): Promise<readonly TlObject[]> {
    const page = { offsetId: 0, offsetDate: 0, addOffset: 0, limit: MESSAGES_LOOKED_THROUGH, maxId: 0, minId: 0 };
    let answer: TlValue;
    try {
      const call = { _: METHOD, peer: to.input, ...page, hash: 0n };
      answer = await this.#line.invoke(call, { timeoutMs: TIMEOUT_MS, signal });
    } catch (error) {
      throw leftOpen(toSendError(error, METHOD));
    }
    const messages = isObject(answer) ? listAt(answer, 'messages') : [];
    return messages.filter((message) => isSet(message, 'out')).toReversed();
  }
}
