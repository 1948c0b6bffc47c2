import { CallLost, RpcFailure } from '../mtproto/client.ts';

/** What becomes of a question that was not answered. */
export type Judged =
  /** The connection or the account is gone. */
  | { readonly do: 'stop'; readonly refusal?: RpcFailure }
  /** The supergroup is not the account's any longer. */
  | { readonly do: 'forget'; readonly text: string }
  | { readonly do: 'retry'; readonly waitMs?: number; readonly isOurs?: boolean };

const FLOOD_WAIT = /^FLOOD_(?:PREMIUM_)?WAIT_(\d+)$/;
const MS_PER_SECOND = 1_000;
/** Codes with which the server refuses the account itself, whatever it asks. */
const REFUSALS: ReadonlySet<number> = new Set([401, 406]);
const CLOSED: ReadonlySet<string> = new Set([
  'CHANNEL_PRIVATE',
  'CHANNEL_INVALID',
  'CHANNEL_PUBLIC_GROUP_NA',
  'USER_BANNED_IN_CHANNEL',
  'USER_NOT_PARTICIPANT',
]);

/** Judges what a question of the update loop was rejected with. */
export function judgeFailure(error: unknown): Judged {
  // A call that was given up leaves the connection as it is; one that ended with it is asked again over the next one.
  if (error instanceof CallLost)
    return error.reason === 'ended' || error.reason === 'aborted' ? { do: 'stop' } : { do: 'retry' };
  if (!(error instanceof RpcFailure)) return { do: 'retry', isOurs: true }; // the vault's
  if (REFUSALS.has(error.code)) return { do: 'stop', refusal: error };
  if (CLOSED.has(error.text)) return { do: 'forget', text: error.text };
  const seconds = FLOOD_WAIT.exec(error.text)?.[1];
  return seconds === undefined ? { do: 'retry' } : { do: 'retry', waitMs: Number(seconds) * MS_PER_SECOND };
}

/** For the log: no more than a word. */
export function nameOf(error: unknown): string {
  if (error instanceof RpcFailure) return error.text;
  if (error instanceof CallLost) return error.reason;
  return error instanceof Error ? error.name : typeof error;
}
