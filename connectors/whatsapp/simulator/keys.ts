import type { ClientDuties } from './client-duties.ts';
import type { CompanionDevice, Device } from './directory.ts';
import { lidJidOf } from './directory.ts';
import type { PostOffice } from './post-office.ts';
import type { KeyBundle } from './resident.ts';
import { node, SERVER_JID } from './wire/stanza.ts';

const FEW_KEYS = 5; // below this number clients upload more when told so (`MIN_PREKEY_COUNT`)

/** Hands out the keys of devices, each one-time key once. */
export class KeyDesk {
  readonly #post: PostOffice;
  readonly #duties: ClientDuties;
  #notifications = 0;

  constructor(deps: { post: PostOffice; duties: ClientDuties }) {
    this.#post = deps.post;
    this.#duties = deps.duties;
  }

  bundle(device: Device): KeyBundle {
    if (device.kind === 'resident') return device.keys.bundle();
    const preKey = device.oneTimeKeys.shift();
    if (device.oneTimeKeys.length < FEW_KEYS) this.#warn(device);
    return {
      registrationId: device.registrationId,
      identityKey: device.identityKey,
      signedPreKey: device.signedPreKey,
      ...(preKey === undefined ? {} : { preKey }),
    };
  }

  #warn(device: CompanionDevice): void {
    if (device.warnedOfFewKeys) return;
    Object.assign(device, { warnedOfFewKeys: true });
    this.#duties.owe(lidJidOf(device), 'pre_keys', 'few left');
    this.#notifications += 1;
    const count = node('count', { value: String(device.oneTimeKeys.length) });
    const id = `few-keys-${String(device.number)}-${String(this.#notifications)}`;
    this.#post.deliver(device, node('notification', { from: SERVER_JID, type: 'encrypt', id }, [count]));
  }
}
