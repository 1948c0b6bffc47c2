import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import type { EventEnvelope } from '../../src/engine/model/event.ts';

/** A delivery as it came; the same event may come again after a kill. */
export interface ReceivedHook {
  /** The `webhook-id` header. */
  readonly id: string;
  readonly event: EventEnvelope;
}

/** A webhook endpoint of the test's own process: checks each signature and keeps everything. */
export class HookReceiver {
  readonly secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  readonly received: ReceivedHook[] = [];
  /** Deliveries whose signature was wrong. */
  forged = 0;
  readonly #server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      try {
        const event = new Webhook(this.secret).verify(body, request.headers as Record<string, string>) as EventEnvelope;
        this.received.push({ id: String(request.headers['webhook-id']), event });
      } catch {
        this.forged += 1;
      }
      response.end();
    });
  });

  async start(): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  /** The `webhooks` section of a configuration that sends everything here. */
  yaml(url: string): string {
    return `webhooks:\n  allowTargets: ["127.0.0.0/8"]\n  endpoints: [{ url: "${url}", secret: "${this.secret}" }]\n`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
