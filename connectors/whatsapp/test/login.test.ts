import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { LoginFlow } from '../../../src/connector-api/index.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import type { ConnectionEnd } from '../disconnect.ts';
import { WhatsAppLogin } from '../login.ts';

/** A line that does what the test says, and a vault of which only "linked" and "forgotten" count. */
class Stage {
  readonly clock = new VirtualClock();
  readonly abort = new AbortController();
  readonly asked: string[] = [];
  readonly frames = new EventEmitter();
  /** How the server answers the question for a code. */
  answer: string | undefined = 'CB:iq,,link_code_companion_reg';
  opened = 0;
  closed = 0;
  forgotten = 0;
  isLinked = false;
  qrLifetimeMs: number | undefined;
  showQr: (text: string) => void = () => undefined;
  confirm: () => void = () => undefined;
  end: (end: ConnectionEnd) => void = () => undefined;
  openError: Error | undefined;

  login(flow: LoginFlow): WhatsAppLogin {
    return new WhatsAppLogin({
      flow,
      clock: this.clock,
      signal: this.abort.signal,
      account: () => (this.isLinked ? { address: '+4930111111' } : undefined),
      forget: async () => {
        this.forgotten += 1;
      },
      openLine: async ({ onQr, onPaired, qrLifetimeMs }) => {
        if (this.openError !== undefined) throw this.openError;
        this.opened += 1;
        this.qrLifetimeMs = qrLifetimeMs;
        this.showQr = onQr;
        this.confirm = onPaired;
        const ended = new Promise<ConnectionEnd>((resolve) => {
          this.end = resolve;
        });
        return {
          ended,
          close: async () => {
            this.closed += 1;
            this.end({ type: 'closed' });
          },
          sock: {
            ws: this.frames,
            requestPairingCode: async (phone: string) => {
              this.asked.push(phone);
              if (this.answer !== undefined) this.frames.emit(this.answer);
              return 'ABCD1234';
            },
          },
        };
      },
    });
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('linking by QR', () => {
  it('shows each code with its end, and only the newest when nobody looked', async () => {
    const stage = new Stage();
    const login = stage.login({ method: 'qr' });
    const first = login.next();
    await turn();
    stage.showQr('one');
    expect(await first).toEqual({
      type: 'display',
      display: 'qr',
      data: 'one',
      expiresAt: stage.clock.now() + 60_000,
    });
    stage.showQr('two');
    stage.showQr('three');
    expect(await login.next()).toMatchObject({ data: 'three', expiresAt: stage.clock.now() + 20_000 });
    expect(stage.opened).toBe(1);
  });

  it('completes at the restart that follows the confirmation', async () => {
    const stage = new Stage();
    const login = stage.login({ method: 'qr' });
    const first = login.next();
    await turn();
    stage.showQr('one');
    await first;
    stage.isLinked = true;
    stage.confirm();
    stage.end({ type: 'closed', statusCode: 515 });
    expect(await login.next()).toEqual({ type: 'complete', account: { address: '+4930111111' } });
    expect(stage.forgotten).toBe(0);
    await login.cancel();
    expect(stage.forgotten).toBe(0);
  });

  it.each([
    ['nobody scans', { type: 'closed', statusCode: 408 }, 'expired'],
    ['the network refuses', { type: 'closed', statusCode: 403 }, 'rejected'],
    ['the network refuses the version', { type: 'closed', statusCode: 405 }, 'outdated'],
    ['the line breaks', { type: 'closed', statusCode: 428 }, 'network'],
    ['the upgrade is refused', { type: 'upgrade_refused', status: 503 }, 'network'],
  ] as const)('fails when %s, and leaves nothing behind', async (_name, end, code) => {
    const stage = new Stage();
    const login = stage.login({ method: 'qr' });
    const first = login.next();
    await turn();
    stage.showQr('one');
    await first;
    stage.end(end);
    await expect(login.next()).rejects.toMatchObject({ name: 'LoginError', code });
    expect(stage.forgotten).toBe(1);
  });

  it('fails when the line ends after the confirmation but before the restart', async () => {
    const stage = new Stage();
    const login = stage.login({ method: 'qr' });
    const first = login.next();
    await turn();
    stage.isLinked = true;
    stage.confirm();
    stage.end({ type: 'closed', statusCode: 428 });
    await expect(first).rejects.toMatchObject({ code: 'network' });
    expect(stage.forgotten).toBe(1);
  });

  it('does not wait for ever for the restart', async () => {
    const stage = new Stage();
    const login = stage.login({ method: 'qr' });
    const first = login.next();
    await turn();
    stage.confirm();
    const failed = expect(first).rejects.toMatchObject({ code: 'network' });
    await stage.clock.advance(15_000);
    await failed;
    expect(stage.closed).toBeGreaterThan(0);
  });

  it('can be cancelled, more than once, while somebody waits', async () => {
    const stage = new Stage();
    const login = stage.login({ method: 'qr' });
    const waiting = expect(login.next()).rejects.toMatchObject({ code: 'cancelled' });
    await turn();
    await login.cancel();
    await login.cancel();
    await waiting;
    await expect(login.next()).rejects.toMatchObject({ code: 'cancelled' });
    expect(stage).toMatchObject({ closed: 1, forgotten: 1 });
  });

  it('ends with the session, without touching a vault that is closed', async () => {
    const stage = new Stage();
    const waiting = expect(stage.login({ method: 'qr' }).next()).rejects.toMatchObject({ code: 'cancelled' });
    await turn();
    stage.abort.abort();
    await waiting;
    expect(stage).toMatchObject({ closed: 1, forgotten: 0 });
  });

  it('passes on what keeps the library from loading', async () => {
    const stage = new Stage();
    stage.openError = new Error('not installed');
    await expect(stage.login({ method: 'qr' }).next()).rejects.toThrow('not installed');
  });
});

describe('linking by code', () => {
  it('asks for one code, when the server is ready, and keeps the line open', async () => {
    const stage = new Stage();
    const login = stage.login({ method: 'code', phone: '+4930111111' });
    const first = login.next();
    await turn();
    stage.showQr('reference one');
    stage.showQr('reference two');
    expect(await first).toEqual({
      type: 'display',
      display: 'code',
      data: 'ABCD1234',
      expiresAt: stage.clock.now() + 180_000,
    });
    expect(stage.asked).toEqual(['4930111111']);
    expect(stage.qrLifetimeMs).toBe(30_000);
  });

  it('asks for the number where it was not given, and refuses what is none', async () => {
    const stage = new Stage();
    const login = stage.login({ method: 'code' });
    expect(await login.next()).toMatchObject({ type: 'input', fields: [{ id: 'phone' }] });
    expect(stage.opened).toBe(0);
    await expect(login.answer({ phone: '0151 23' })).rejects.toMatchObject({ code: 'rejected' });
    await login.answer({ phone: '+4930111111' });
    await turn();
    stage.showQr('reference');
    expect(await login.next()).toMatchObject({ display: 'code' });
    await expect(login.answer({ phone: '+4930111112' })).rejects.toMatchObject({ code: 'unsupported' });
  });

  it('shows no code that the server refused or did not answer for', async () => {
    const refused = new Stage();
    refused.answer = 'CB:iq,,error';
    const first = refused.login({ method: 'code', phone: '+4930111111' }).next();
    await turn();
    refused.showQr('reference');
    await expect(first).rejects.toMatchObject({ code: 'rejected' });
    const silent = new Stage();
    silent.answer = undefined;
    const second = silent.login({ method: 'code', phone: '+4930111111' }).next();
    const failed = expect(second).rejects.toMatchObject({ code: 'network' });
    await turn();
    silent.showQr('reference');
    await silent.clock.advance(15_000);
    await failed;
    expect(silent).toMatchObject({ closed: 1, forgotten: 1 });
  });

  it('refuses a number that is none, and other methods', async () => {
    const stage = new Stage();
    const bad = stage.login({ method: 'code', phone: '12' });
    await expect(bad.next()).rejects.toMatchObject({ code: 'rejected' });
    await expect(stage.login({ method: 'pigeon' }).next()).rejects.toMatchObject({ code: 'unsupported' });
    await expect(stage.login({ method: 'qr' }).answer({ code: '1' })).rejects.toMatchObject({ code: 'unsupported' });
    expect(stage.opened).toBe(0);
  });
});
