import type { InitFacts } from '../rpc.ts';
import { RpcError } from '../rpc.ts';
import type { TlCodec } from '../tl/codec.ts';
import type { Codecs } from '../tl/installed-schemas.ts';
import type { AuthKey } from './auth-key.ts';
import type { Rules } from './rules.ts';
import type { Wrapped } from './unwrap.ts';
import type { ViolationLog } from './violations.ts';

/** What a client said about itself over one key. */
export interface RecordedInit extends InitFacts {
  readonly keyId: string;
}

const KEPT_INITS = 1000;
const BIND_METHOD = 'auth.bindTempAuthKey';

/** What clients say about themselves (`invokeWithLayer`, `initConnection`), and the layer that follows from it. */
export class Announcements {
  readonly #codecs: () => Codecs;
  readonly #rules: Rules;
  readonly #violations: ViolationLog;
  readonly #all: RecordedInit[] = [];

  constructor(deps: { codecs: () => Codecs; rules: Rules; violations: ViolationLog }) {
    this.#codecs = deps.codecs;
    this.#rules = deps.rules;
    this.#violations = deps.violations;
  }

  /** Oldest first, also those that were refused. */
  all(): readonly RecordedInit[] {
    return [...this.#all];
  }

  /** The codec with which the call is to be read and answered. Throws RpcError. */
  codecFor(key: AuthKey, { init, layer, query }: Wrapped): TlCodec {
    const announced = init ?? (key.init !== undefined && layer !== undefined ? { ...key.init, layer } : undefined);
    if (init !== undefined) this.#record({ ...init, keyId: key.keyId });
    if (announced !== undefined) {
      this.#rules.judgeInit(announced);
      this.#expectLayer(key, announced.layer);
      key.init = announced;
    }
    if (key.init !== undefined) return this.#expectLayer(key, key.init.layer);
    const newest = this.#expectLayer(key, Math.max(...this.#codecs().keys()));
    if (isBinding(newest, query)) return newest;
    this.#violations.record('not_inited', key.keyId, 'a call came before initConnection');
    throw new RpcError(400, 'CONNECTION_NOT_INITED');
  }

  #record(init: RecordedInit): void {
    this.#all.push(init);
    if (this.#all.length > KEPT_INITS) this.#all.shift();
  }

  #expectLayer({ keyId }: AuthKey, layer: number): TlCodec {
    const codec = this.#codecs().get(layer);
    if (codec !== undefined) return codec;
    this.#violations.record('unknown_layer', keyId, `layer ${layer} has no installed schema`);
    throw new RpcError(400, 'CONNECTION_LAYER_INVALID');
  }
}

/** The one call that a temporary key may make before it is announced. */
function isBinding(codec: TlCodec, query: Uint8Array): boolean {
  try {
    return codec.decodeCall(query).call._ === BIND_METHOD;
  } catch {
    return false;
  }
}
