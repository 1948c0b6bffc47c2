import type { DisconnectCause } from '../../connector-api/index.ts';
import { toTimestamp } from '../../core/clock.ts';
import type { StateReason } from '../model/session.ts';
import type { DeafLayer } from './judge.ts';

const network = (code: string, detail: string): DisconnectCause => ({ kind: 'network', code, detail });

/** Ends that Bellhop itself makes, because a line that looks connected was found to be broken. */
export const deafCauses: Readonly<Record<DeafLayer, DisconnectCause>> = {
  bytes: network('line_silent', 'Not a byte came for more than a minute, and what was asked was not answered.'),
  answers: network(
    'line_no_answer',
    'The line looked connected, and the network did not answer two questions in a row.',
  ),
  canary: network(
    'line_deaf',
    'What Bellhop sent to itself through the network did not come back twice in a row: guests were not heard.',
  ),
  pushes: network(
    'line_not_pushed',
    'The network had messages for this account and did not send them by itself, twice.',
  ),
  library: network('library_stuck', "Messages came in and stuck in the network's library for two minutes."),
};

/** How each of them is seen, for the reference. */
export const deafSigns: Readonly<Record<DeafLayer, string>> = {
  bytes: 'no byte for a minute, and no answer to a probe',
  answers: 'no answer to two probes',
  canary: 'two canaries did not come back',
  pushes: 'two canaries found messages that had not been pushed',
  library: 'something that came in was not handed on for two minutes',
};

/** One new connection, to see whether it is the line or the phone. */
export const phoneSilentCause: DisconnectCause = network(
  'phone_silent',
  "The account's phone did not answer, and the network did: one new connection shows whether it is the line.",
);

/** Shown while the phone stays silent over a new connection. `since`: epoch ms. */
export function phoneSilentReason(since: number): StateReason {
  return {
    code: phoneSilentCause.code,
    kind: 'network',
    nativeCode: null,
    text: `The account's phone has not answered since ${toTimestamp(since)}; the network answers.`,
    action: 'open_app',
    remedy:
      'Guests are probably still reached. See that the phone is switched on, online, and the app can run; Bellhop notices by itself.',
    retryAt: null,
  };
}

/** Shown when nothing that Bellhop can do by itself has helped. `since`: epoch ms. */
export function stillDeafReason(layer: DeafLayer, since: number): StateReason {
  const { code, detail } = deafCauses[layer];
  return {
    code,
    kind: 'network',
    nativeCode: null,
    text: `${detail ?? ''} Since ${toTimestamp(since)}; a new connection, a new session and a new process did not help.`,
    action: 'open_app',
    remedy:
      "Guests may not be heard: answer them in the app on the phone, and look there for a notice of the network. Bellhop tries again every half hour; `bellhop doctor` shows the machine's part.",
    retryAt: null,
  };
}
