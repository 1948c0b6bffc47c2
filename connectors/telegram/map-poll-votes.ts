import type { Address } from '../../src/connector-api/index.ts';
import type { Peer } from './peers.ts';
import { addressOf, readPeer } from './peers.ts';
import type { TlObject } from './tl.ts';
import { bytesAt, isSet, listAt, numberAt } from './tl-fields.ts';

/** What is known of a poll from the message that asked it. */
export interface KnownPoll {
  readonly chat: Address;
  readonly messageId: number;
  /** The `option` of each answer, base64. */
  readonly options: readonly string[];
  /** Who chose what, as was told last. */
  readonly votes: Readonly<Record<Address, readonly number[]>>;
}

export interface Vote {
  readonly by: Peer;
  readonly options: readonly number[];
}

/** The `option` of each answer of a `poll`. */
export function optionsOf(poll: TlObject): readonly string[] {
  return listAt(poll, 'answers').map(optionOf);
}

/**
 * The votes that are news in `pollResults`. Telegram names the latest voters of an open poll only, and older layers do not say for what; a
 * vote that cannot be told for sure is left to the count in the app. Pure.
 */
export function readVotes(results: TlObject, known: KnownPoll, selfId: bigint): readonly Vote[] {
  const answers = listAt(results, 'results');
  const chosen = new Map<Address, { readonly by: Peer; readonly options: number[] }>();
  const add = (by: Peer, option: number): void => {
    const vote = chosen.get(addressOf(by)) ?? { by, options: [] };
    if (option >= 0 && !vote.options.includes(option)) vote.options.push(option);
    chosen.set(addressOf(by), vote);
  };
  for (const answer of answers) {
    const option = known.options.indexOf(optionOf(answer));
    for (const voter of peersAt(answer, 'recentVoters')) add(voter, option);
  }
  const self: Peer = { type: 'user', id: selfId };
  if (!isSet(results, 'min'))
    for (const option of optionsWhere(answers, known, (answer) => isSet(answer, 'chosen'))) add(self, option);
  const total = numberAt(results, 'totalVoters') ?? 0;
  const [only, ...others] = peersAt(results, 'recentVoters');
  if (total === 1 && only !== undefined && others.length === 0 && !chosen.has(addressOf(only))) {
    for (const option of optionsWhere(answers, known, (answer) => (numberAt(answer, 'voters') ?? 0) > 0))
      add(only, option);
  }
  const votes = [...chosen.values()].map(({ by, options }) => ({ by, options: options.sort((a, b) => a - b) }));
  return [...votes, ...takenBack(known, chosen, total)].filter((vote) => !isSame(vote, known));
}

/** Who is not among the voters any longer, where all of them are listed. */
function takenBack(known: KnownPoll, chosen: ReadonlyMap<Address, unknown>, total: number): readonly Vote[] {
  if (chosen.size !== total) return [];
  return Object.keys(known.votes).flatMap((address): Vote[] => {
    const digits = /^id:(\d+)$/.exec(address)?.[1];
    return digits === undefined || chosen.has(address)
      ? []
      : [{ by: { type: 'user', id: BigInt(digits) }, options: [] }];
  });
}

function isSame({ by, options }: Vote, known: KnownPoll): boolean {
  return (known.votes[addressOf(by)] ?? []).join() === options.join();
}

function optionsWhere(
  answers: readonly TlObject[],
  known: KnownPoll,
  test: (answer: TlObject) => boolean,
): readonly number[] {
  return answers.filter(test).map((answer) => known.options.indexOf(optionOf(answer)));
}

const peersAt = (object: TlObject, field: string): readonly Peer[] =>
  listAt(object, field)
    .map(readPeer)
    .filter((peer) => peer !== undefined);

const optionOf = (answer: TlObject): string => Buffer.from(bytesAt(answer, 'option') ?? []).toString('base64');
