import { z } from 'zod';
import type { SessionVault } from '../../src/connector-api/index.ts';
import type { KnownPoll, Vote } from './map-poll-votes.ts';
import { addressOf } from './peers.ts';

const NAMESPACE = 'telegram.polls';
/** A hotel asks some polls a week; votes come within days. */
const MOST_POLLS = 200;
const MOST_VOTERS = 200;

const record = z.object({
  chat: z.string(),
  messageId: z.number(),
  options: z.array(z.string()),
  votes: z.record(z.string(), z.array(z.number())),
  at: z.number(),
});

/** Which message asked a poll: news of votes name the poll only. In the vault, written inside the transaction that takes the message. */
export class PollBook {
  readonly #vault: SessionVault;

  constructor(deps: { vault: SessionVault }) {
    this.#vault = deps.vault;
  }

  get(pollId: bigint): KnownPoll | undefined {
    const bytes = this.#vault.secrets.get(NAMESPACE, String(pollId));
    return bytes === undefined ? undefined : record.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  }

  note(pollId: bigint, poll: Omit<KnownPoll, 'votes'>, now: number): void {
    if (this.get(pollId) !== undefined) return;
    this.#write(pollId, { ...poll, votes: {} }, now);
    const rows = this.#vault.secrets.entries(NAMESPACE);
    if (rows.length <= MOST_POLLS) return;
    const dated = rows.map(([name, bytes]) => {
      const { at } = record.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
      return { name, at };
    });
    const oldest = dated.sort((a, b) => a.at - b.at).slice(0, rows.length - MOST_POLLS);
    for (const { name } of oldest) this.#vault.secrets.delete(NAMESPACE, name);
  }

  noteVotes(pollId: bigint, poll: KnownPoll, votes: readonly Vote[], now: number): void {
    const fresh = votes.map(({ by, options }): [string, readonly number[]] => [addressOf(by), options]);
    const all = { ...poll.votes, ...Object.fromEntries(fresh) };
    const kept = Object.entries(all).filter(([, options]) => options.length > 0);
    this.#write(pollId, { ...poll, votes: Object.fromEntries(kept.slice(-MOST_VOTERS)) }, now);
  }

  #write(pollId: bigint, poll: KnownPoll, at: number): void {
    this.#vault.secrets.set(NAMESPACE, String(pollId), Buffer.from(JSON.stringify({ ...poll, at }), 'utf8'));
  }
}
