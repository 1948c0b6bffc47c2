import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Alert } from '../../src/engine/model/alert.ts';
import type { Page } from '../../src/engine/ports/index.ts';
import { runCommand } from '../support/daemon-process.ts';
import { HookReceiver } from '../support/hook-receiver.ts';
import { LinkedDaemon } from '../support/linked-daemon.ts';
import { type MailServer, type ReceivedMail, startMailServer } from '../support/mail-server.ts';
import { findProgram } from '../support/programs.ts';

const program = findProgram('aiosmtpd', 'python3-aiosmtpd');
const TITLE = 'front-desk (WhatsApp) needs you: link it again';

/** The hotel's own mailbox while its account is unlinked on the phone, seen from the built product. */
describe.skipIf(program === null)('an account that is unlinked on the phone', { timeout: 60_000 }, () => {
  const house = new LinkedDaemon();
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
    mailbox = await startMailServer(program ?? '');
    const url = await endpoint.start();
    const smtp = `{ host: 127.0.0.1, port: ${mailbox.port}, secure: false }`;
    await house.start(
      `alerts: { groupSeconds: 1, clearSeconds: 1, checkSeconds: 1, webhooks: [{ url: "${url}", secret: "${endpoint.secret}" }], email: { to: [night@hotel.example], from: bellhop@hotel.example, smtp: ${smtp} } }\n` +
        'webhooks: { allowTargets: ["127.0.0.0/8"] }\n',
    );
    await house.link('front-desk');
  }, 60_000);
  afterAll(async () => {
    await house.end();
    await mailbox.remove();
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
    await house.daemon.end('SIGKILL');
    await mailbox.start();
    await house.restart();
    expect((await mails(before + 1)).at(-1)?.headers['subject']).toBe(`[Bellhop] ${TITLE}`);
    await relink();
    expect((await mails(before + 2)).at(-1)?.headers['subject']).toContain('All clear');
    expect(mailbox.mails()).toHaveLength(before + 2);
    expect(endpoint.received.map(({ event }) => event.type)).toEqual([
      'alert.opened',
      'alert.closed',
      'alert.opened',
      'alert.closed',
    ]);
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
