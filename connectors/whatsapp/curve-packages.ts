import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BellhopError } from '../../src/core/errors.ts';
import { isRecord } from '../../src/core/json.ts';
import type { NativeCurve } from './curve.ts';

const BAILEYS = '@whiskeysockets/baileys';
const BRIDGE = 'whatsapp-rust-bridge';

/** The packages that Baileys itself uses, found from where it lies: another copy of them would be patched in vain. */
export class CurvePackages {
  readonly #baileysFile: string;
  readonly #require: NodeJS.Require;

  /** Throws `connector_missing` where Baileys is not installed. */
  constructor() {
    try {
      this.#baileysFile = createRequire(import.meta.url).resolve(BAILEYS);
    } catch (error) {
      throw new BellhopError('connector_missing', { detail: `npm package ${BAILEYS} (7.0.0-rc14)`, cause: error });
    }
    this.#require = createRequire(this.#baileysFile);
  }

  /** Whether a CommonJS file of libsignal was loaded already. */
  isLoaded(file: string): boolean {
    return this.#require.cache[this.#require.resolve(file)] !== undefined;
  }

  /** The exports of a CommonJS file of libsignal, to be changed in place. */
  load(file: string): unknown {
    return this.#require(file);
  }

  /** Replaces what a later `require` of the file yields. */
  replace(file: string, exports: unknown): void {
    const module = this.#require.cache[this.#require.resolve(file)];
    if (module === undefined) throw new BellhopError('internal_error', { detail: `${file} cannot be replaced` });
    module.exports = exports;
  }

  /** The same file as Baileys' own `import` statement sees it. */
  async importCommonJs(file: string): Promise<unknown> {
    const loaded: unknown = await import(pathToFileURL(this.#require.resolve(file)).href);
    return loaded;
  }

  /** A file inside Baileys that its index does not export. */
  async importOfBaileys(file: string): Promise<unknown> {
    const loaded: unknown = await import(pathToFileURL(join(dirname(this.#baileysFile), file)).href);
    return loaded;
  }

  async importNative(): Promise<NativeCurve> {
    // Its package.json names no entry for `require`, so it is looked up by hand.
    const folders = this.#require.resolve.paths(BRIDGE) ?? [];
    const folder = folders.map((parent) => join(parent, BRIDGE)).find((candidate) => existsSync(candidate));
    if (folder === undefined) throw new BellhopError('connector_missing', { detail: `npm package ${BRIDGE}` });
    const loaded: unknown = await import(pathToFileURL(join(folder, 'dist', 'index.js')).href);
    if (isNativeCurve(loaded)) return loaded;
    throw new BellhopError('internal_error', { detail: `${BRIDGE} has another shape than 0.5.4` });
  }
}

function isNativeCurve(value: unknown): value is NativeCurve {
  const names = ['generateKeyPair', 'calculateAgreement', 'calculateSignature', 'verifySignature'];
  return isRecord(value) && names.every((name) => typeof value[name] === 'function');
}
