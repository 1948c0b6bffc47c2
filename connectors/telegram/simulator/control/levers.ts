import { z } from 'zod';
import { enforceSchema } from '../../../box/ban-model/enforce-input.ts';
import { ControlError } from '../../../box/control-error.ts';
import { parseInput } from '../../../box/control-http.ts';
import type { TelegramNetwork } from '../network.ts';
import type { AccountRecord } from '../world/state.ts';

type Lever = (network: TelegramNetwork, hotel: AccountRecord, input: unknown) => void;

function lever<S extends z.ZodType>(
  schema: S,
  pull: (network: TelegramNetwork, hotel: AccountRecord, input: z.output<S>) => void,
): Lever {
  return (network, hotel, input) => pull(network, hotel, parseInput(schema, input));
}

const nothing = z.strictObject({});
const method = z.string().min(1);
const seconds = z.number().positive();

/** Every lever by its name: `POST /faults/<name>`. They strike the hotel's account. */
const levers: Readonly<Record<string, Lever>> = {
  cut: lever(nothing, (network) => network.faults.cut()),
  silence: lever(nothing, (network) => network.faults.silence()),
  connections: lever(z.strictObject({ state: z.enum(['open', 'refuse', 'stall']) }), (network, _hotel, { state }) =>
    network.faults.newConnections(state),
  ),
  'delay-answers': lever(z.strictObject({ milliseconds: z.number().nonnegative() }), (network, _hotel, input) =>
    network.faults.delayAnswers(input.milliseconds),
  ),
  'hold-updates': lever(nothing, (network) => network.faults.holdPushes()),
  'release-updates': lever(
    z.strictObject({ order: z.enum(['forward', 'reverse']).default('forward') }),
    (network, _hotel, { order }) => network.faults.releasePushes(order),
  ),
  'drop-updates': lever(nothing, (network) => network.faults.filterPushes(() => [])),
  'freeze-state': lever(nothing, (network, hotel) => network.levers.freezeState(hotel)),
  'swallow-answer': lever(z.strictObject({ method }), (network, _hotel, input) =>
    network.faults.swallowAnswer(input.method),
  ),
  refuse: lever(
    z.strictObject({ method, code: z.int(), text: z.string().min(1), times: z.int().positive().default(1) }),
    (network, hotel, { method: name, code, text, times }) =>
      network.levers.refuse({ method: name, account: hotel.id }, { code, text }, { times }),
  ),
  'flood-wait': lever(z.strictObject({ method, seconds }), (network, hotel, input) =>
    network.levers.flood({ method: input.method, account: hotel.id }, input.seconds),
  ),
  'peer-flood': lever(nothing, (network, hotel) => {
    network.levers.spammers.add(hotel.id);
  }),
  // Ended in the list of devices. Telegram says nothing by itself; the poke makes the account ask at once, and so learn of it.
  'log-out': lever(nothing, (network, hotel) =>
    network.world.parts.authorizations.kill(hotel, { code: 401, text: 'AUTH_KEY_UNREGISTERED' }, { poke: true }),
  ),
  'forget-key': lever(nothing, (network, hotel) => network.world.parts.authorizations.forget(hotel)),
  enforce: lever(enforceSchema, (network, _hotel, input) => network.enforcement.enforce(input)),
  ban: lever(nothing, (network, hotel) => {
    hotel.standing = 'banned';
    network.world.parts.pushes.tooLong(hotel);
  }),
  // Its clients hear that their configuration has changed, and find it there.
  freeze: lever(nothing, (network, hotel) => {
    hotel.standing = 'frozen';
    network.world.parts.pushes.brief(hotel, { _: 'updateConfig' });
  }),
  clear: lever(nothing, (network, hotel) => {
    network.clearFaults();
    hotel.standing = 'active';
  }),
};

/** Throws ControlError where there is no such lever, or the input is not its. */
export function pullLever(network: TelegramNetwork, hotel: AccountRecord, name: string, input: unknown): void {
  const found = Object.hasOwn(levers, name) ? levers[name] : undefined;
  if (found === undefined)
    throw new ControlError(404, `no fault is called ${name}; there are ${Object.keys(levers).join(', ')}`);
  found(network, hotel, input);
}
