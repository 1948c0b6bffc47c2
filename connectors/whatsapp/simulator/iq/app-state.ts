import type { BinaryNode } from '@whiskeysockets/baileys';
import type { ClientDuties } from '../client-duties.ts';
import type { Account } from '../directory.ts';
import { lidJidOf } from '../directory.ts';
import { bytesOf, childOf, childrenOf, node } from '../wire/stanza.ts';
import type { IqAnswer, IqRequest } from './answer.ts';
import { refusal, result } from './answer.ts';

/** One named list of encrypted settings; patch n takes it from version n to n + 1. */
export type Collection = Uint8Array[];

/** `xmlns=w:sync:app:state`: stores what devices of an account tell each other about settings, without reading it. */
export class AppStateQueries {
  readonly #duties: ClientDuties;
  readonly #collections = new Map<string, Collection>();

  constructor(deps: { duties: ClientDuties }) {
    this.#duties = deps.duties;
  }

  answer({ device, question }: IqRequest): IqAnswer {
    if (question?.tag !== 'sync') return refusal(400, 'bad-request');
    const asked = childrenOf(question, 'collection');
    for (const { attrs } of asked) this.#duties.pay(lidJidOf(device), 'app_state', attrs['name'] ?? '');
    const answers = asked.map((collection) => this.#sync(device.account, collection));
    return result([node('sync', {}, answers)]);
  }

  /** All patches by `lid collection`. */
  export(): ReadonlyMap<string, Collection> {
    return this.#collections;
  }

  restore(key: string, patches: Collection): void {
    this.#collections.set(key, patches);
  }

  #sync(account: Account, asked: BinaryNode): BinaryNode {
    const { name } = asked.attrs;
    const key = `${account.lid} ${name ?? ''}`;
    const patches = this.#collections.get(key) ?? [];
    const from = Number(asked.attrs['version'] ?? '0');
    const offered = bytesOf(childOf(asked, 'patch'));
    if (offered !== undefined) {
      if (from !== patches.length) {
        return node('collection', { name, type: 'error' }, [node('error', { code: '409', text: 'conflict' })]);
      }
      this.#collections.set(key, [...patches, offered]);
      return node('collection', { name, version: String(patches.length + 1) });
    }
    const missing = patches.slice(from).map((patch) => node('patch', {}, patch));
    return node('collection', { name, version: String(from), has_more_patches: 'false' }, [
      node('patches', {}, missing),
    ]);
  }
}
