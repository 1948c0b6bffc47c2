import type { Clock } from '../../../../src/core/clock.ts';
import type { TlObject, TlValue } from '../../tl.ts';
import { RpcError } from '../rpc.ts';
import type { Endpoint } from './config-answer.ts';
import { configAnswer } from './config-answer.ts';
import type { KeyRing } from './key-ring.ts';
import type { Session } from './session.ts';
import { bindTemporaryKey } from './temporary-key.ts';

/** The calls that are about the wire itself; the world never hears of them. */
export class LocalCalls {
  readonly #clock: Clock;
  readonly #keys: KeyRing;
  readonly #endpoints: () => readonly Endpoint[];

  constructor(deps: { clock: Clock; keys: KeyRing; endpoints: () => readonly Endpoint[] }) {
    this.#clock = deps.clock;
    this.#keys = deps.keys;
    this.#endpoints = deps.endpoints;
  }

  /** Nothing where the call is the world's. Throws RpcError. */
  answer(call: TlObject, session: Session): TlValue | undefined {
    const { key } = session;
    switch (call._) {
      case 'help.getConfig':
        return configAnswer(this.#endpoints(), key.dcId, Math.floor(this.#clock.now() / 1000));
      case 'auth.bindTempAuthKey':
        if (!key.isTemporary) throw new RpcError(400, 'TEMP_AUTH_KEY_EMPTY');
        return bindTemporaryKey(call, session, this.#keys);
      default:
        return undefined;
    }
  }
}
