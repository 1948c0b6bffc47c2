import type { SandboxReady } from '../../src/cli/sandbox-messages.ts';
import { sandboxMessage } from '../../src/cli/sandbox-messages.ts';
import { type CommandResult, ProductProcess } from './daemon-process.ts';

/** A message, receipt or typing sign on a guest's screen, as the control interface tells it. */
export interface SeenThing {
  readonly type: 'message' | 'receipt' | 'chat_state' | 'unreadable';
  readonly id?: string;
  readonly fromMe?: boolean;
  readonly content?: { readonly kind: string; readonly text?: string };
}

export interface SeenViolation {
  readonly kind: string;
  readonly account: string;
  readonly detail: string;
}

export interface NetworkView {
  readonly violations: number;
  readonly duplicates: number;
  readonly companions: readonly { readonly jid: string; readonly online: boolean; readonly owes: readonly string[] }[];
  readonly people: {
    readonly guests: readonly { readonly key: string; readonly pn: string; readonly duplicatesShown: number }[];
  };
}

/** The WhatsApp network in a box of the built product, as a process of its own, driven through its control interface. */
export class SandboxProcess {
  readonly #process: ProductProcess;
  readonly #ready: Promise<SandboxReady>;

  /** Nobody writes by himself. Ports of 0 are chosen by the system, or are those of last time where they are free. */
  constructor(options: { cwd: string; port?: number }) {
    this.#process = new ProductProcess({
      cwd: options.cwd,
      args: ['sandbox', '--silent-guests', '--json', '--port', String(options.port ?? 0)],
    });
    this.#ready = this.#process.find(/^\{.*"type":"ready".*\}$/m).then(([line]) => {
      const message = sandboxMessage.parse(JSON.parse(line));
      if (message.type !== 'ready') throw new Error('the sandbox said something else');
      return message;
    });
  }

  ready(): Promise<SandboxReady> {
    return this.#ready;
  }

  /** A configuration for a daemon on this network; `extra` is YAML of other sections. */
  async configuration(extra = ''): Promise<string> {
    const { endpoint, trustedRoots, caFile } = (await this.#ready).address;
    return `channels:\n  whatsapp:\n    endpoint: ${endpoint}\n    trustedRoots: ["${trustedRoots[0]}"]\n    caFile: ${caFile}\n${extra}`;
  }

  /** Resolves with the network's id of the message once the network has it. */
  async say(guest: string, text: string): Promise<string> {
    const { id } = await this.call<{ id: string }>('POST', `/guests/${guest}/say`, { text });
    return id;
  }

  seen(guest: string): Promise<readonly SeenThing[]> {
    return this.call('GET', `/guests/${guest}/seen`);
  }

  /** The hotel's texts on a guest's screen, with their network ids, in order. */
  async textsSeen(guest: string): Promise<readonly { id: string; text: string }[]> {
    return (await this.seen(guest)).flatMap(({ type, fromMe, id, content }) =>
      type === 'message' && fromMe === false && id !== undefined && content?.text !== undefined
        ? [{ id, text: content.text }]
        : [],
    );
  }

  state(): Promise<NetworkView> {
    return this.call('GET', '/state');
  }

  violations(): Promise<readonly SeenViolation[]> {
    return this.call('GET', '/violations');
  }

  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    return callControl((await this.#ready).address.controlUrl, method, path, body);
  }

  /** The same of the Telegram network beside it. */
  async callTelegram<T>(method: string, path: string, body?: unknown): Promise<T> {
    return callControl((await this.#ready).telegram?.controlUrl ?? '', method, path, body);
  }

  end(signal: NodeJS.Signals = 'SIGTERM'): Promise<CommandResult> {
    return this.#process.end(signal);
  }
}

async function callControl<T>(controlUrl: string, method: string, path: string, body: unknown): Promise<T> {
  const answer = await fetch(`${controlUrl}${path}`, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`the sandbox answered ${answer.status} to ${method} ${path}: ${text}`);
  const told: T = JSON.parse(text);
  return told;
}
