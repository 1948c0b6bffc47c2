import { z } from 'zod';
import { enforceSchema } from '../../../box/ban-model/enforce-input.ts';
import { ControlError } from '../../../box/control-error.ts';
import { parseInput } from '../../../box/control-http.ts';
import type { Faults } from '../faults.ts';
import { EVERYONE } from '../lines.ts';
import { quotaStatuses } from '../quotas.ts';

const target = z.string().default(EVERYONE);
const versionSchema = z.tuple([z.number(), z.number(), z.number()]);
const statusSchema = z.number().int().min(400).max(599);
const onTarget = z.strictObject({ target });

type Lever = (faults: Faults, input: unknown) => void;

function lever<S extends z.ZodType>(schema: S, pull: (faults: Faults, input: z.output<S>) => void): Lever {
  return (faults, input) => {
    const given = parseInput(schema, input);
    pull(faults, given);
  };
}

const simple = (pull: (faults: Faults, target: string) => void): Lever =>
  lever(onTarget, (faults, input) => pull(faults, input.target));

/** Every lever by its name in the control interface: `POST /faults/<name>`. */
const levers: Readonly<Record<string, Lever>> = {
  'accept-versions': lever(
    z.strictObject({ target, oldest: versionSchema.exactOptional(), newest: versionSchema.exactOptional() }),
    (faults, { target: about, ...range }) => faults.acceptVersions(range, about),
  ),
  'refuse-upgrade': lever(z.strictObject({ status: statusSchema.nullable() }), (faults, { status }) =>
    faults.refuseUpgrade(status ?? undefined),
  ),
  stall: lever(z.strictObject({ at: z.enum(['upgrade', 'handshake']).nullable() }), (faults, { at }) =>
    faults.stall(at ?? undefined),
  ),
  'show-certificates': lever(
    z.strictObject({ chain: z.enum(['genuine', 'altered_leaf', 'altered_intermediate', 'other_root', 'replayed']) }),
    (faults, { chain }) => faults.showCertificates(chain),
  ),
  cut: simple((faults, about) => faults.cut(about)),
  silence: lever(
    z.strictObject({ target, direction: z.enum(['both', 'to_client', 'from_client']).default('both') }),
    (faults, input) => faults.silence(input.target, input.direction),
  ),
  withhold: simple((faults, about) => faults.withhold(about)),
  speak: simple((faults, about) => faults.speak(about)),
  replace: simple((faults, about) => faults.replace(about)),
  'log-out': simple((faults, about) => faults.logOut(about)),
  ban: simple((faults, about) => faults.ban(about)),
  'temp-ban': lever(
    z.strictObject({ target, code: z.number().int().default(101), expireSeconds: z.number().int().positive() }),
    (faults, { target: about, ...ban }) => faults.tempBan(about, ban),
  ),
  timelock: lever(z.strictObject({ target, seconds: z.number().nonnegative() }), (faults, input) =>
    faults.timelock(input.target, input.seconds),
  ),
  'new-chat-quota': lever(
    z.strictObject({
      target,
      total: z.number().int().nonnegative().default(100),
      used: z.number().int().nonnegative(),
      status: z.enum(quotaStatuses),
      seconds: z.number().positive(),
    }),
    (faults, { target: about, ...quota }) => faults.quota(about, quota),
  ),
  enforce: lever(enforceSchema, (faults, input) => faults.enforce(input)),
  outage: simple((faults, about) => faults.outage(about)),
  'refuse-logins': lever(z.strictObject({ target, reason: z.number().int() }), (faults, input) =>
    faults.refuseLogins(input.target, input.reason),
  ),
  'stream-error': lever(z.strictObject({ target, code: z.number().int().exactOptional() }), (faults, input) =>
    faults.streamError(input.target, input.code),
  ),
  'end-stream': simple((faults, about) => faults.endStream(about)),
  lift: simple((faults, about) => faults.lift(about)),
  'next-message': lever(
    z.strictObject({
      target,
      error: z.number().int().exactOptional(),
      drop: z.boolean().exactOptional(),
      delayMs: z.number().nonnegative().exactOptional(),
    }),
    (faults, { target: about, ...fault }) => faults.onNextMessage(about, fault),
  ),
  'drop-receipt': simple((faults, about) => faults.dropNextReceipt(about)),
  'refuse-active': simple((faults, about) => faults.refuseNextActive(about)),
  garble: simple((faults, about) => faults.garbleNext(about)),
  clear: lever(z.strictObject({}), (faults) => faults.clear()),
};

const leverNames: readonly string[] = Object.keys(levers);

/** Throws {@link ControlError} for an unknown lever or input that does not fit it. */
export function pullLever(faults: Faults, name: string, input: unknown): void {
  const pull = Object.hasOwn(levers, name) ? levers[name] : undefined;
  if (pull === undefined) throw new ControlError(404, `no lever is called ${name}; there are ${leverNames.join(', ')}`);
  pull(faults, input);
}
