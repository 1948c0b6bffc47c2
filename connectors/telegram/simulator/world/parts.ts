import type { Clock } from '../../../../src/core/clock.ts';
import type { Random } from '../../../../src/core/random.ts';
import type { TlObject, TlValue } from '../../tl.ts';
import type { Wire } from '../rpc.ts';
import { Authorizations } from './authorizations.ts';
import { Enforcement } from './enforcement.ts';
import { Exchange } from './exchange.ts';
import { Files } from './files.ts';
import { Watchers } from './happening.ts';
import { Levers } from './levers.ts';
import { LoginDesk } from './login-desk.ts';
import { Peers } from './peers.ts';
import { Pushes } from './pushes.ts';
import { Reading } from './reading.ts';
import { MessageRenderer } from './render-message.ts';
import { PeopleRenderer } from './render-people.ts';
import type { Rules } from './rules.ts';
import { defaultRules } from './rules.ts';
import { Signs } from './signs.ts';
import type { AccountRecord, Authorization, WorldState } from './state.ts';
import { UpdateStream } from './update-stream.ts';
import { WorldViolations } from './violations.ts';

/** What the methods of the network work with. */
export interface WorldParts {
  readonly state: WorldState;
  readonly clock: Clock;
  readonly random: Random;
  readonly rules: Rules;
  readonly wire: Wire;
  readonly stream: UpdateStream;
  readonly violations: WorldViolations;
  readonly levers: Levers;
  readonly authorizations: Authorizations;
  readonly desk: LoginDesk;
  readonly peers: Peers;
  readonly people: PeopleRenderer;
  readonly messages: MessageRenderer;
  readonly pushes: Pushes;
  readonly watchers: Watchers;
  readonly exchange: Exchange;
  readonly reading: Reading;
  readonly signs: Signs;
  readonly files: Files;
  readonly enforcement: Enforcement;
}

/** Who calls. */
export interface Caller {
  readonly account: AccountRecord;
  readonly authorization: Authorization;
  /** The same as an actor of the exchange. */
  readonly keyId: string;
}

export type Method = (call: TlObject, caller: Caller) => TlValue;
export type MethodTable = Readonly<Record<string, Method>>;

export function assembleParts(base: {
  readonly state: WorldState;
  readonly clock: Clock;
  readonly random: Random;
  readonly wire: Wire;
}): WorldParts {
  const { state, clock, random, wire } = base;
  const rules = defaultRules();
  const violations = new WorldViolations({ clock });
  const levers = new Levers({ clock, violations });
  const now = (): number => Math.floor(clock.now() / 1000);
  const authorizations = new Authorizations({ state, random, now, wire });
  const peers = new Peers({ state, violations });
  const people = new PeopleRenderer({ state, peers });
  const messages = new MessageRenderer({ state });
  const desk = new LoginDesk({ state, authorizations, people, rules, clock, random });
  const stream = new UpdateStream({ deliver: (keyId, updates) => wire.push(keyId, updates) });
  const pushes = new Pushes({ state, people, stream, rules, clock });
  const watchers = new Watchers();
  const exchangeParts = { state, peers, messages, pushes, watchers, rules, clock };
  const exchange = new Exchange(exchangeParts);
  const reading = new Reading({ parts: exchangeParts, exchange });
  const signs = new Signs({ parts: exchangeParts, exchange });
  const files = new Files({ state, violations, random, clock });
  const enforcement = new Enforcement({ clock, pushes, watchers });
  const helpers = { violations, levers, authorizations, desk, peers, people, messages, pushes, watchers };
  return { state, clock, random, rules, wire, stream, ...helpers, exchange, reading, signs, files, enforcement };
}
