import type { Clock } from '../../../src/core/clock.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { systemRandom } from '../../../src/core/random.ts';
import { MtprotoServer } from '../simulator/mtproto-server.ts';
import type { CallContext, RpcHandler } from '../simulator/rpc.ts';
import { RpcError } from '../simulator/rpc.ts';
import type { TlCodec } from '../simulator/tl/codec.ts';
import { loadCodecs } from '../simulator/tl/installed-schemas.ts';
import { RsaKey } from '../simulator/wire/rsa-key.ts';
import type { TlObject, TlValue } from '../tl.ts';

const codecs = await loadCodecs();
const rsa = await RsaKey.generate(); // for all servers of a test file: making one takes long

export const DC = 2;

/** Somebody types. */
export const typing = {
  _: 'updateShort',
  update: { _: 'updateUserTyping', userId: 5n, action: { _: 'sendMessageTypingAction' } },
  date: 3,
};

/** A world that knows a handful of calls, and remembers all of them. */
export class SmallWorld implements RpcHandler {
  readonly calls: { readonly call: TlObject; readonly context: CallContext }[] = [];
  readonly #answers = new Map<string, (call: TlObject, context: CallContext) => Promise<TlValue> | TlValue>();
  #heard: { readonly method: string; readonly resolve: () => void }[] = [];

  constructor() {
    this.on('help.getNearestDc', (_call, { key }) => ({
      _: 'nearestDc',
      country: 'DE',
      thisDc: key.dcId,
      nearestDc: DC,
    }));
    this.on('updates.getState', () => ({ _: 'updates.state', pts: 1, qts: 0, date: 1, seq: 0, unreadCount: 0 }));
    this.on('messages.setTyping', () => true);
    this.on('users.getUsers', () => [
      { _: 'user', self: true, id: 77n, accessHash: 5n, firstName: 'Ann', phone: '4915112345678' },
    ]);
  }

  on(method: string, answer: (call: TlObject, context: CallContext) => Promise<TlValue> | TlValue): void {
    this.#answers.set(method, answer);
  }

  handle(call: TlObject, context: CallContext): Promise<TlValue> | TlValue {
    this.calls.push({ call, context });
    const heard = this.#heard.filter(({ method }) => method === call._);
    this.#heard = this.#heard.filter(({ method }) => method !== call._);
    for (const { resolve } of heard) resolve();
    const answer = this.#answers.get(call._);
    if (answer === undefined) throw new RpcError(400, 'METHOD_NOT_IN_THIS_WORLD');
    return answer(call, context);
  }

  /** Resolves when the method is called the next time. */
  heard(method: string): Promise<void> {
    return new Promise((resolve) => {
      this.#heard.push({ method, resolve });
    });
  }

  count(method: string): number {
    return this.calls.filter(({ call }) => call._ === method).length;
  }
}

export interface TestServer {
  readonly server: MtprotoServer;
  readonly world: SmallWorld;
}

export async function startServer(clock: Clock = systemClock): Promise<TestServer> {
  const world = new SmallWorld();
  const server = new MtprotoServer({ clock, random: systemRandom, handler: world, dcs: [1, DC], rsa });
  await server.start();
  return { server, world };
}

function codecOf(layer: number): TlCodec {
  const codec = codecs.get(layer);
  if (codec === undefined) throw new Error('not installed');
  return codec;
}

/** The bytes of a call in a layer. */
export function encodeCall(layer: number, call: TlObject): Uint8Array {
  return codecOf(layer).encodeCall(call);
}

export function decodeAnswer(layer: number, method: string, bytes: Uint8Array): TlValue {
  return codecOf(layer).decodeAnswer(method, bytes);
}
