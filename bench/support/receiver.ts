import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sharedMicros } from './machine.ts';

/** A webhook receiver of this process: notes when the first byte of each delivery came, and answers at once. */
export class Receiver {
  /** Shared microseconds by the network's message id, of `message.received` only. */
  readonly firstBytes = new Map<string, number>();
  readonly #server = createServer((request, response) => {
    const at = sharedMicros(); // the head has just been parsed; it came in one packet with the first byte
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      response.end();
      this.#note(body, at);
    });
  });
  #watch: (() => void) | undefined;

  async start(): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  /** Resolves when all of these have come; rejects after the limit. */
  async collect(ids: readonly string[], limitMs: number): Promise<void> {
    const isDone = (): boolean => ids.every((id) => this.firstBytes.has(id));
    if (isDone()) return;
    await new Promise<void>((done, fail) => {
      const limit = setTimeout(() => {
        const missing = ids.filter((id) => !this.firstBytes.has(id)).length;
        fail(new Error(`${missing} of ${ids.length} messages did not come within ${limitMs} ms`));
      }, limitMs);
      this.#watch = () => {
        if (!isDone()) return;
        clearTimeout(limit);
        done();
      };
    });
    this.#watch = undefined;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #note(body: string, at: number): void {
    if (body === '') return;
    const event = JSON.parse(body) as { type: string; data: { message?: { channelMessageId: string | null } } };
    const id = event.data.message?.channelMessageId;
    if (event.type !== 'message.received' || !id) return;
    this.firstBytes.set(id, at);
    this.#watch?.();
  }
}

/** The YAML that sends events to it. */
export function webhookYaml(url: string): string {
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  return `webhooks: { allowTargets: ["127.0.0.0/8"], endpoints: [{ url: "${url}", secret: "${secret}", types: ["message.received"] }] }\n`;
}
