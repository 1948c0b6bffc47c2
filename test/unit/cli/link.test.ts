import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CommandContext } from '../../../src/cli/context.ts';
import { linkSession } from '../../../src/cli/link.ts';

const NOT_RIGHT = { code: 'link_rejected', title: 'Refused.', detail: 'The code is not right.', remedy: 'Look again.' };
const NO_LINK = { code: 'no_link_in_progress', title: 'No linking is under way.', remedy: 'Begin.' };
const ASKED = { step: 'enter_code', fields: ['code'], label: 'Code that was sent to the app' };
const RIGHT_CODE = '12345';

/** A daemon that links one session, which knows one code. */
class SmallDaemon {
  readonly calls: string[] = [];
  /** After a wrong code nothing is asked any more, and the session says so. */
  isStrict = false;
  state = 'unlinked';
  reason: object | null = null;
  readonly #server = createServer((request, response) => {
    void read(request).then((body) => {
      const call = `${request.method} ${request.url?.replace('/v1/sessions/desk', '') ?? ''}`;
      this.calls.push(call);
      const [status, answer] = this.#answer(call, body);
      response.writeHead(status).end(JSON.stringify(answer));
    });
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`; // a TCP server's address is one
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #answer(call: string, body: string): [number, object] {
    switch (call) {
      case 'POST /link':
        this.state = 'linking';
        return [200, ASKED];
      case 'GET /link':
        return this.state === 'linking' ? [200, ASKED] : [409, NO_LINK];
      case 'POST /link/answer':
        if (body === JSON.stringify({ code: RIGHT_CODE }))
          return [200, { step: 'done', account: { address: '+49301' } }];
        if (this.isStrict) this.state = 'unlinked';
        return [422, NOT_RIGHT];
      case 'POST /stop':
        this.state = 'unlinked';
        return [200, {}];
      default:
        return [200, { state: this.state, account: null, reason: this.reason }];
    }
  }
}

async function read(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

describe('bellhop link, where something is to be typed', () => {
  const daemon = new SmallDaemon();
  const desk = { input: new PassThrough(), output: new PassThrough() };
  const said: string[] = [];
  const noted: string[] = [];
  let context: CommandContext;

  beforeEach(async () => {
    Object.assign(desk, { input: new PassThrough(), output: new PassThrough() });
    Object.assign(daemon, { calls: [], isStrict: false, state: 'unlinked', reason: null });
    said.length = 0;
    noted.length = 0;
    const url = await daemon.start();
    context = {
      terminal: { out: (text) => void said.push(text), note: (text) => void noted.push(text), interactive: true },
      environment: {},
      workingDir: '.',
      options: { url, key: 'bhk_any' },
    };
  });

  afterEach(() => daemon.stop());

  /** Types one line each time something is asked, and resolves when the command ends. */
  const link = (...lines: readonly string[]): Promise<void> => {
    const left = [...lines];
    desk.output.on('data', (shown: Buffer) => {
      if (shown.toString('utf8').includes(`${ASKED.label}: `)) desk.input.write(left.shift() ?? '\x04');
    });
    return linkSession(context, { channel: 'telegram', session: 'desk', method: 'code' }, desk);
  };

  it("asks in the network's words, and again for what was mistyped", async () => {
    await link('54321\r', `${RIGHT_CODE}\r`);
    expect(noted).toEqual(['The code is not right.']);
    expect(said).toEqual(['Linked: desk is +49301.']);
    expect(daemon.calls).not.toContain('POST /stop');
  });

  it('ends with the reason when the network takes no other try', async () => {
    daemon.isStrict = true;
    await expect(link('54321\r')).rejects.toThrow('The code is not right.');
  });

  it('tells a script the steps, waits for others to answer them, and says why nothing came of it', async () => {
    const { options, terminal } = context;
    context = { ...context, options: { ...options, json: true }, terminal: { ...terminal, interactive: false } };
    const linking = link();
    await vi.waitFor(() => expect(said).toEqual([JSON.stringify(ASKED)]));
    Object.assign(daemon, { state: 'unlinked', reason: { text: 'Nobody confirmed it in time.', remedy: 'Again.' } });
    await expect(linking).rejects.toThrow('Nobody confirmed it in time.');
    expect(daemon.calls).not.toContain('POST /link/answer');
  });

  it.each([
    ['Ctrl-C', '\x03'],
    ['Ctrl-D', '\x04'],
  ])('leaves no linking under way when the person answers with %s', async (_name, key) => {
    await expect(link(key)).rejects.toThrow('Nothing was typed.');
    expect(daemon.calls).toContain('POST /stop');
    expect(daemon.state).toBe('unlinked');
  });
});
