/**
 * WhatsApp's long-term certificate root, as `WA_CERT_DETAILS.PUBLIC_KEY` of Baileys 7.0.0-rc14 and other open clients have it.
 * The self-test compares it with the installed library's.
 */
export const WHATSAPP_ROOT = Buffer.from('142375574d0a587166aae71ebe516437c4a28b73e3695c6ce1f7f9545da8ee6b', 'hex');

const KEY_BYTES = 32;

/** Reads the key out of the details of a Noise certificate; undefined where it cannot. */
export type LeafKeyReader = (details: Uint8Array) => Uint8Array | undefined;

/**
 * Decides whom a Noise handshake is held with. Baileys' handshake is one synchronous stretch: agree on a secret with the
 * server's static key, verify the leaf certificate, verify the intermediate with the root's key. At the last step this
 * knows the other two, and so can ask what Baileys does not: that the leaf certifies this very static key. Without it a
 * genuine chain, shown by a man in the middle, would pass.
 *
 * Process-wide, like the library it guards: several endpoints in one process trust each other's roots. A channel has one
 * configuration and its own process, so that happens in tests only.
 */
export class CertificateTrust {
  readonly #roots = new Map<string, Uint8Array>();
  #readLeafKey: LeafKeyReader | undefined;
  #lastPeer: Uint8Array | undefined;
  #lastVerified: Uint8Array | undefined;

  /** Adds roots to those that are trusted. */
  trust(roots: readonly Uint8Array[]): void {
    for (const root of roots) this.#roots.set(Buffer.from(root).toString('hex'), root);
  }

  /** Until this is given, no chain is accepted. */
  setLeafKeyReader(reader: LeafKeyReader): void {
    this.#readLeafKey = reader;
  }

  isRoot(publicKey: Uint8Array): boolean {
    return same(bare(publicKey), WHATSAPP_ROOT);
  }

  noteAgreement(publicKey: Uint8Array): void {
    this.#lastPeer = bare(publicKey);
  }

  /** Every verification with another key than the root's: `undefined` when it failed. */
  noteVerified(message: Uint8Array | undefined): void {
    this.#lastVerified = message;
  }

  /** The last step of a handshake: the intermediate is signed by a trusted root, and the leaf certifies the static key. */
  acceptChain(verifyWith: (root: Uint8Array) => boolean): boolean {
    const leaf = this.#lastVerified;
    const peer = this.#lastPeer;
    this.#lastVerified = undefined;
    this.#lastPeer = undefined;
    const certified = leaf === undefined ? undefined : this.#readLeafKey?.(leaf);
    if (certified === undefined || peer === undefined || !same(certified, peer)) return false;
    return [...this.#roots.values()].some(verifyWith);
  }
}

/** Without the type byte that Signal puts before Curve25519 keys. */
function bare(publicKey: Uint8Array): Uint8Array {
  return publicKey.length === KEY_BYTES + 1 ? publicKey.subarray(1) : publicKey;
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
