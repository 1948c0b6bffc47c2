import { z } from 'zod';
import type { SessionVault } from '../../../src/connector-api/index.ts';
import type { BoxName, ChannelPosition, CommonPosition } from './update-state.ts';
import { UpdateState } from './update-state.ts';

const COMMON_NAME = 'telegram.common';
const SURVEYED_NAME = 'telegram.surveyed';
/** Channels share some names, so that one move writes little and nothing has to be listed or deleted. */
const BUCKETS = 16;
/**
 * Supergroups and channels whose place is kept: an account may be in 500, with Premium in 1,000. Beyond it the one that was silent
 * longest is forgotten, and read again from the day of linking on when it speaks.
 */
const CHANNELS_PER_BUCKET = 80;

const common = z.object({
  pts: z.number(),
  qts: z.number(),
  date: z.number(),
  seq: z.number(),
  topId: z.number(),
  since: z.number(),
});
/** Name, pts, newest message id; in the order of their last move. */
const bucket = z.array(z.tuple([z.string(), z.number(), z.number()]));

/** Keeps in the vault's cursor how far the updates were taken. */
export class PositionStore {
  readonly #vault: SessionVault;

  constructor(deps: { vault: SessionVault }) {
    this.#vault = deps.vault;
  }

  /** Undefined before the first connection. `since` is when that was; epoch seconds of the server. */
  read(): { readonly state: UpdateState; readonly since: number } | undefined {
    const text = this.#vault.cursor.get(COMMON_NAME);
    if (text === undefined || text === '') return undefined;
    const { since, ...position } = common.parse(JSON.parse(text));
    const channels = new Map<BoxName, ChannelPosition>();
    for (let index = 0; index < BUCKETS; index += 1) {
      for (const [name, pts, topId] of this.#bucket(index)) channels.set(name, { pts, topId });
    }
    return { state: new UpdateState(position, channels), since };
  }

  /** Writes what has changed; inside the transaction that takes the updates. */
  write(state: UpdateState, since: number): void {
    if (state.isCommonChanged) this.writeCommon(state.common, since);
    for (const index of new Set(state.changedChannels.map(bucketOf))) this.#writeBucket(index, state);
  }

  writeCommon(position: CommonPosition, since: number): void {
    this.#vault.cursor.set(COMMON_NAME, JSON.stringify({ ...position, since }));
  }

  /** When the list of dialogs was looked through last; epoch seconds of the server. */
  surveyedAt(): number | undefined {
    const text = this.#vault.cursor.get(SURVEYED_NAME);
    return text === undefined ? undefined : Number(text);
  }

  writeSurveyedAt(date: number): void {
    this.#vault.cursor.set(SURVEYED_NAME, String(date));
  }

  #bucket(index: number): z.infer<typeof bucket> {
    const text = this.#vault.cursor.get(nameOf(index));
    return text === undefined ? [] : bucket.parse(JSON.parse(text));
  }

  #writeBucket(index: number, state: UpdateState): void {
    const kept = state.channelNames.filter((name) => bucketOf(name) === index).slice(-CHANNELS_PER_BUCKET);
    const rows = kept.map((name) => [name, state.channel(name)?.pts ?? 0, state.channel(name)?.topId ?? 0]);
    this.#vault.cursor.set(nameOf(index), JSON.stringify(rows));
  }
}

const nameOf = (index: number): string => `telegram.channels.${index}`;
const bucketOf = (name: BoxName): number => Number(BigInt(name) % BigInt(BUCKETS));
