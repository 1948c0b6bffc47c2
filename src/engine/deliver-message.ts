import { sleep } from '../core/clock.ts';
import { BellhopError } from '../core/errors.ts';
import { nativeClassOf } from './native-class.ts';
import type { OutboxDeps } from './outbox-deps.ts';
import type { AttemptOutcome, DeskStep, DueMessage, SendOrder } from './ports/index.ts';
import { settleFailure } from './send-schedule.ts';
import type { SessionLink } from './session-links.ts';
import { showTyping } from './show-typing.ts';

/** A store that cannot write (disk full) is asked again after this long; ms. */
const STORE_RETRY_MS = 2_000;
/** Networks acknowledge within seconds, files within minutes; after this the outcome is open; ms. */
const SEND_TIMEOUT_MS = 120_000;
/** Read marks are a courtesy: no message waits longer for one; ms. */
const READ_MARK_TIMEOUT_MS = 5_000;

interface DeliverDeps extends OutboxDeps {
  readonly link: SessionLink;
  /** Aborts when the session goes down: what has not begun does not. */
  readonly waiting: AbortSignal;
  /** Aborts a send under way, which leaves it open. */
  readonly sending: AbortSignal;
}

/**
 * One turn of a message: the guest's messages are marked as read, somebody thinks and types, it goes out, and what became of it is
 * written. Rejects when the session goes down before it began, and with errors of the store.
 */
export async function deliver(deps: DeliverDeps, step: Extract<DeskStep, { do: 'send' }>): Promise<void> {
  const { clock, store, link, log, waiting } = deps;
  const { due, thinkForMs, typeForMs } = step;
  await markRead(deps, due);
  if (thinkForMs > 0) await sleep(clock, thinkForMs, waiting);
  const typing = showTyping({ clock, link, log, chat: due.chat, isWanted: typeForMs > 0, signal: waiting });
  try {
    if (typeForMs > 0) await sleep(clock, typeForMs, waiting);
    waiting.throwIfAborted();
    // `null`: cancelled or expired while we typed.
    const order = await store.beginAttempt(due.message.id, clock.now());
    if (order !== null) await finish(deps, order, await send(deps, order));
  } finally {
    await typing.end();
  }
}

/** Who answers has read. What the hotel sends by itself must not look as if somebody had. */
async function markRead({ link, store, clock, log, waiting }: DeliverDeps, due: DueMessage): Promise<void> {
  const [first, ...rest] = due.unreadReferences;
  const isPersonal = due.message.purpose === 'reply' || due.message.purpose === 'service';
  if (first === undefined || !isPersonal || !link.handle.features.has('readMarks')) return;
  const { chat } = due;
  try {
    await link.handle.call(
      'markRead',
      { chat, messages: [first, ...rest] },
      { timeoutMs: READ_MARK_TIMEOUT_MS, signal: waiting },
    );
    await store.markReadByNetwork(link.sessionId, chat, rest.at(-1) ?? first, clock.now());
  } catch (error) {
    log.warn('read mark failed', { session: link.sessionId, error: error instanceof Error ? error : String(error) });
  }
}

async function send({ clock, link, random, sending }: DeliverDeps, order: SendOrder): Promise<AttemptOutcome> {
  const { networkId, chat, content, attempt } = order;
  try {
    const result = await link.handle.call(
      'send',
      { networkId, chat, content, attempt, ...(order.replyTo === null ? {} : { replyTo: order.replyTo }) },
      { timeoutMs: SEND_TIMEOUT_MS, signal: sending },
    );
    const named = result.networkId === networkId ? {} : { networkId: result.networkId };
    return { type: 'sent', at: clock.now(), ...named };
  } catch (error) {
    return settleFailure({ error, attempt, now: clock.now(), random });
  }
}

/** The outcome is written whatever it takes: until then the message stays `sending`, and a restart sends it under the same id. */
async function finish(deps: DeliverDeps, order: SendOrder, outcome: AttemptOutcome): Promise<void> {
  for (;;) {
    try {
      await deps.store.finishAttempt(order.message.id, outcome);
      tell(deps, order, outcome);
      return;
    } catch (error) {
      if (error instanceof BellhopError && error.code === 'not_found') return;
      deps.log.error('outcome of a send not stored yet', {
        session: deps.link.sessionId,
        message: order.message.id,
        error: error instanceof Error ? error : String(error),
      });
      await sleep(deps.clock, STORE_RETRY_MS, deps.sending);
    }
  }
}

function tell({ clock, telemetry, link }: DeliverDeps, { message }: SendOrder, outcome: AttemptOutcome): void {
  const waitedSeconds = Math.max(0, clock.now() - Date.parse(message.queuedAt ?? message.createdAt)) / 1_000;
  const told = outcome.type === 'retry' ? 'retried' : outcome.type;
  telemetry.outbound(link.sessionId, link.channel, told, waitedSeconds);
  if (outcome.type !== 'limited') return;
  const { scope, nativeCode } = outcome.limit;
  telemetry.limited(link.sessionId, scope, nativeClassOf(nativeCode));
}
