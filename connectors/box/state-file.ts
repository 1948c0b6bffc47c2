import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

const OWNER_ONLY = 0o600;

/** What a network in a box remembers, as one JSON file that is either old or new. */
export class StateFile {
  readonly #path: string;
  #written = '';

  constructor(path: string) {
    this.#path = path;
  }

  /** Null where there is none, or none that can be read. Makes its folder. */
  async read(): Promise<unknown> {
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    try {
      return JSON.parse(await readFile(this.#path, 'utf8'));
    } catch {
      return null;
    }
  }

  /** Does nothing where nothing has changed. */
  async write(state: unknown): Promise<void> {
    const text = JSON.stringify(state);
    if (text === this.#written) return;
    this.#written = text;
    await writeFile(`${this.#path}.new`, text, { mode: OWNER_ONLY });
    await chmod(`${this.#path}.new`, OWNER_ONLY);
    await rename(`${this.#path}.new`, this.#path);
  }
}
