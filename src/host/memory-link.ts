import type { Link } from './link.ts';

type Listener = Parameters<Link['listen']>[0];

/** Two connected ends in one process. All that crosses is cloned, so that nothing works here that would fail between processes. */
export function memoryLinks(): readonly [Link, Link] {
  const left = new MemoryLink();
  const right = new MemoryLink();
  left.join(right);
  right.join(left);
  return [left, right];
}

class MemoryLink implements Link {
  #other: MemoryLink | undefined;
  #listener: Listener | undefined;
  #open = true;

  join(other: MemoryLink): void {
    this.#other = other;
  }

  send(message: object): void {
    const copy: unknown = structuredClone(message);
    const other = this.#other;
    if (this.#open && other !== undefined) queueMicrotask(() => other.#receive(copy));
  }

  listen(listener: Listener): void {
    this.#listener = listener;
  }

  close(): void {
    const other = this.#other;
    queueMicrotask(() => {
      this.#end();
      if (other !== undefined) other.#end();
    });
  }

  #receive(message: unknown): void {
    if (this.#open) this.#listener?.onMessage(message);
  }

  #end(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#listener?.onClose();
  }
}
