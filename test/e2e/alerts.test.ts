import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueLoopbackCertificate } from '../../connectors/whatsapp/simulator/people/certificate-authority.ts';
import type { Alert } from '../../src/engine/model/alert.ts';
import type { ConnectorProcess } from '../../src/engine/model/process.ts';
import type { Page } from '../../src/engine/ports/index.ts';
import { DaemonProcess, makeWorkingDir, runCommand } from '../support/daemon-process.ts';
import { HookReceiver } from '../support/hook-receiver.ts';
import { LinkedDaemon } from '../support/linked-daemon.ts';
import { type MailSafety, type MailServer, type ReceivedMail, startMailServer } from '../support/mail-server.ts';
import { findProgram } from '../support/programs.ts';

const program = findProgram('aiosmtpd', 'python3-aiosmtpd');
const PASSWORD = 'hunter22';
const TITLE = 'front-desk (WhatsApp) needs you: link it again';

/** A mail server with a certificate of the hotel's own authority, which takes mail only from who has logged in. */
class SafeMail {
  readonly #dir = makeWorkingDir();
  readonly #tls: MailSafety['tls'];
  readonly #certificate = issueLoopbackCertificate();
  #server: MailServer | undefined;

  constructor(tls: MailSafety['tls']) {
    this.#tls = tls;
  }

  async start(): Promise<MailServer> {
    const login = { user: 'bellhop@hotel.example', password: PASSWORD };
    this.#server = await startMailServer(program ?? '', { tls: this.#tls, ...this.#certificate, ...login });
    return this.#server;
  }

  /** `alerts.email` in YAML, without the password. */
  configuration(): string {
    const secure = this.#tls === 'from_the_start';
    const smtp = `{ host: 127.0.0.1, port: ${this.#server?.port}, secure: ${secure}, user: bellhop@hotel.example }`;
    return `{ to: [night@hotel.example], from: bellhop@hotel.example, smtp: ${smtp} }`;
  }

  /** What the daemon is started with. */
  environment(password: string): Record<string, string> {
    const files = { password: join(this.#dir.path, 'password'), authority: join(this.#dir.path, 'ca.pem') };
    writeFileSync(files.password, `${password}\n`);
    writeFileSync(files.authority, this.#certificate.caPem);
    return { BELLHOP_ALERTS__EMAIL__SMTP__PASSWORD_FILE: files.password, NODE_EXTRA_CA_CERTS: files.authority };
  }

  async remove(): Promise<void> {
    await this.#server?.remove();
    this.#dir.remove();
  }
}

/** The hotel's own mailbox while its account is unlinked on the phone, seen from the built product. */
describe.skipIf(program === null)('an account that is unlinked on the phone', { timeout: 60_000 }, () => {
  const safe = new SafeMail('starttls');
  const house = new LinkedDaemon(safe.environment(PASSWORD));
  const endpoint = new HookReceiver();
  let mailbox: MailServer;

  const mails = (count: number): Promise<readonly ReceivedMail[]> =>
    house.until(async () => (mailbox.mails().length >= count ? mailbox.mails() : undefined));
  const alerts = async (): Promise<readonly Alert[]> => (await house.api.get<Page<Alert>>('/v1/alerts')).body.data;
  const logOut = async (): Promise<void> => {
    await house.sandbox.call('POST', '/faults/log-out', {});
    await house.session('front-desk', ({ state }) => state === 'logged_out');
  };
  const relink = async (): Promise<void> => {
    const { body } = await house.api.post<{ qr: string }>('/v1/sessions/front-desk/link', { method: 'qr' });
    await house.sandbox.call('POST', '/phone/scan', { qr: body.qr });
    await house.session('front-desk', ({ state }) => state === 'connected');
  };

  beforeAll(async () => {
    mailbox = await safe.start();
    const url = await endpoint.start();
    await house.start(
      `alerts: { groupSeconds: 1, clearSeconds: 1, checkSeconds: 1, webhooks: [{ url: "${url}", secret: "${endpoint.secret}" }], email: ${safe.configuration()} }\n` +
        'webhooks: { allowTargets: ["127.0.0.0/8"] }\n',
    );
    await house.link('front-desk');
  }, 60_000);
  afterAll(async () => {
    await house.end();
    await safe.remove();
    endpoint.stop();
  });

  it('is one mail that says what to do, and its all-clear answers it', async () => {
    await logOut();
    const [opened] = await mails(1);
    expect(opened?.headers).toMatchObject({ subject: `[Bellhop] ${TITLE}`, to: 'night@hotel.example' });
    expect(opened?.text).toMatch(/What to do: +Link it again/);
    expect(await alerts()).toMatchObject([{ title: TITLE, action: 'relink', closedAt: null }]);
    await relink();
    const [, closed, ...more] = await mails(2);
    expect(more).toEqual([]);
    expect(closed?.headers['subject']).toMatch(/^\[Bellhop\] All clear: front-desk \(WhatsApp\), after /);
    expect(closed?.headers['in-reply-to']).toBe(opened?.headers['message-id']);
    expect(await alerts()).toMatchObject([{ resolution: 'recovered', closedAt: expect.any(String) }]);
    expect(endpoint.forged).toBe(0);
    expect(endpoint.received.map(({ event }) => event.type)).toEqual(['alert.opened', 'alert.closed']);
  });

  it('is told once over a kill, also when the mail server was away meanwhile', async () => {
    const before = mailbox.mails().length;
    await mailbox.stop();
    await logOut();
    await house.until(async () => ((await alerts()).some(({ closedAt }) => closedAt === null) ? true : undefined));
    await house.until(async () => {
      const { data } = (await house.api.get<Page<{ failingSince: string | null }>>('/v1/alerts/ways')).body;
      return data.some(({ failingSince }) => failingSince !== null) ? true : undefined;
    });
    // This shell has not the password that the service has: the doctor says so, and looks at the daemon all the same.
    const { code, stdout } = await runCommand(['doctor'], { cwd: house.dir.path });
    expect(code).toBe(1);
    expect(stdout).toMatch(/config +.*user and password go together/);
    expect(stdout).toMatch(/session front-desk +logged_out/);
    expect(stdout).toMatch(/alerts by e-mail +takes no alerts for .*: connection refused.* 1 alert waits to be told\./);
    await house.daemon.end('SIGKILL');
    await mailbox.start();
    await house.restart();
    expect((await mails(before + 1)).at(-1)?.headers['subject']).toBe(`[Bellhop] ${TITLE}`);
    await relink();
    expect((await mails(before + 2)).at(-1)?.headers['subject']).toContain('All clear');
    expect(mailbox.mails()).toHaveLength(before + 2);
    // Once for each id: a kill between the answer and its note has the same thing told again.
    const told = new Map(endpoint.received.map(({ event }) => [event.id, event.type]));
    expect([...told.values()]).toEqual(['alert.opened', 'alert.closed', 'alert.opened', 'alert.closed']);
  });

  it('is no alert when the processes are replaced by a SIGHUP: the line comes back in another one', async () => {
    const before = { alerts: (await alerts()).length, mails: mailbox.mails().length };
    const processes = async () => (await house.api.get<Page<ConnectorProcess>>('/v1/processes')).body.data;
    const [old, ...others] = await processes();
    expect(others).toEqual([]);
    process.kill(house.daemon.pid, 'SIGHUP');
    const renewed = await house.until(async () => {
      const now = await processes();
      return now.length === 1 && now[0]?.pid !== old?.pid && now[0]?.sessions === 1 ? now[0] : undefined;
    });
    expect(renewed).toMatchObject({ channel: 'whatsapp', retiring: false });
    await house.session('front-desk', ({ state }) => state === 'connected');
    const codes = (await house.timeline('front-desk')).slice(0, 3).map(({ state, reason }) => reason?.code ?? state);
    expect(codes).toEqual(['connected', 'process_changed', 'connected']);
    expect({ alerts: (await alerts()).length, mails: mailbox.mails().length }).toEqual(before);
  });

  it('does not keep a person from testing each way', async () => {
    await mailbox.stop();
    expect(await runCommand(['alerts', 'test'], { cwd: house.dir.path })).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/failed +e-mail: connection refused.*\nsent +webhook to 127\.0\.0\.1/),
      stderr: expect.stringContaining('Not every way took the test'),
    });
    expect(endpoint.received.at(-1)?.event.type).toBe('alert.test');
  });
});

describe.skipIf(program === null)('a mail server that wants TLS from the first byte', { timeout: 60_000 }, () => {
  const safe = new SafeMail('from_the_start');
  const dir = makeWorkingDir();
  let mailbox: MailServer;
  beforeAll(async () => {
    mailbox = await safe.start();
    writeFileSync(join(dir.path, 'config.yaml'), `alerts: { email: ${safe.configuration()} }\n`);
  });
  afterAll(async () => {
    await safe.remove();
    dir.remove();
  });

  it.each([
    [
      'the wrong password is refused',
      'hunter23',
      /^failed +e-mail: the mail server refused user or password \(EAUTH 535\)$/m,
    ],
    ['the right one has the mail taken', PASSWORD, /^sent +e-mail$/m],
  ])('is met so, and %s', async (_name, password, said) => {
    const daemon = new DaemonProcess({
      cwd: dir.path,
      args: ['--no-sandbox'],
      env: { ...safe.environment(password), BELLHOP_PACING__MODE: 'human' },
    });
    try {
      await daemon.url();
      expect((await runCommand(['alerts', 'test'], { cwd: dir.path })).stdout).toMatch(said);
      expect(mailbox.mails()).toHaveLength(password === PASSWORD ? 1 : 0);
      expect(daemon.output + daemon.errors).not.toContain(password);
    } finally {
      await daemon.end('SIGKILL');
    }
  });
});
