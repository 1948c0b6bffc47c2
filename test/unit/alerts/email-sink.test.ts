import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { issueLoopbackCertificate } from '../../../connectors/whatsapp/simulator/people/certificate-authority.ts';
import { EmailAlertSink } from '../../../src/alerts/email-sink.ts';
import { type MailServer, startMailServer } from '../../support/mail-server.ts';
import { findProgram } from '../../support/programs.ts';
import { noticeOf } from './notices.ts';

const program = findProgram('aiosmtpd', 'python3-aiosmtpd');
const settings = { to: ['night@hotel.example', 'it@hotel.example'], from: 'Bellhop <bellhop@hotel.example>' };

describe.skipIf(program === null)('an alert by e-mail', () => {
  let server: MailServer;
  let sink: EmailAlertSink;

  const sinkFor = (port: number, login: { user?: string; password?: string } = {}): EmailAlertSink => {
    sink = new EmailAlertSink({ ...settings, smtp: { host: '127.0.0.1', port, secure: false, ...login } });
    return sink;
  };
  beforeAll(async () => {
    server = await startMailServer(program ?? '');
  });
  afterEach(() => sink.close());
  afterAll(() => server.remove());

  it('is one mail to everybody, which says that a program wrote it', async () => {
    expect(await sinkFor(server.port).send(noticeOf('opened'))).toEqual({ delivered: true });
    const [mail, ...more] = server.mails();
    expect(more).toEqual([]);
    expect(mail?.headers).toMatchObject({
      subject: '[Bellhop] front-desk (WhatsApp) needs you: link it again',
      from: 'Bellhop <bellhop@hotel.example>',
      to: 'night@hotel.example, it@hotel.example',
      'x-rcptto': 'night@hotel.example, it@hotel.example',
      'message-id': `<alr_${'1'.repeat(26)}@hotel.example>`,
      'auto-submitted': 'auto-generated',
    });
    expect(mail?.headers['content-type']).toContain('text/plain');
    expect(mail?.headers).not.toHaveProperty('in-reply-to');
    expect(mail?.text).toContain('Queued messages wait.');
  });

  it('has the same id when it is sent again, and its all-clear answers it', async () => {
    const before = server.mails().length;
    sinkFor(server.port);
    for (const kind of ['opened', 'opened', 'reminder', 'closed'] as const) await sink.send(noticeOf(kind));
    const [first, again, reminder, closed] = server.mails().slice(before);
    const id = first?.headers['message-id'];
    expect(again?.headers['message-id']).toBe(id);
    for (const mail of [reminder, closed]) {
      expect(mail?.headers['message-id']).not.toBe(id);
      expect(mail?.headers).toMatchObject({ 'in-reply-to': id, references: id });
    }
    expect(closed?.headers['subject']).toBe('[Bellhop] All clear: front-desk (WhatsApp), after 12 minutes');
  });

  it('that meets no server says so without addresses, and the next one goes out', async () => {
    const before = server.mails().length;
    await server.stop();
    expect(await sinkFor(server.port).send(noticeOf('opened'))).toEqual({
      delivered: false,
      reason: 'connection refused: no mail server listens there (ECONNREFUSED)',
    });
    await server.start();
    // The sink goes on with the next one.
    expect(await sink.send(noticeOf('opened'))).toEqual({ delivered: true });
    expect(server.mails()).toHaveLength(before + 1);
  });

  it('that wants TLS where there is none says what to try', async () => {
    const smtp = { host: '127.0.0.1', port: server.port, secure: true };
    sink = new EmailAlertSink({ ...settings, smtp });
    expect(await sink.send(noticeOf('opened'))).toEqual({
      delivered: false,
      reason: expect.stringMatching(/speaks no TLS on this port: try `secure: false`/),
    });
  });

  it.each(['starttls', 'from_the_start'] as const)(
    'is not given to a server whose certificate nobody vouches for (%s), and says so',
    async (tls) => {
      const login = { user: 'bellhop@hotel.example', password: 'hunter22' };
      const strange = await startMailServer(program ?? '', { tls, ...issueLoopbackCertificate(), ...login });
      const smtp = { host: '127.0.0.1', port: strange.port, secure: tls === 'from_the_start', ...login };
      sink = new EmailAlertSink({ ...settings, smtp });
      expect(await sink.send(noticeOf('opened'))).toEqual({
        delivered: false,
        reason: expect.stringMatching(/certificate is (self-signed|signed by nobody that is trusted)/),
      });
      expect(strange.mails()).toEqual([]);
      await strange.remove();
    },
  );

  it('does not give its password to a server without TLS', async () => {
    const heard: string[] = [];
    const plain = createServer((socket) => {
      socket.write('220 mail.example ESMTP\r\n');
      socket.on('data', (chunk) => {
        heard.push(chunk.toString());
        socket.write('250-mail.example\r\n250 AUTH PLAIN LOGIN\r\n');
      });
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    const { port } = plain.address() as AddressInfo; // a TCP server's address is one
    const answer = await sinkFor(port, { user: 'bellhop', password: 'hunter22' }).send(noticeOf('opened'));
    expect(answer).toMatchObject({ delivered: false });
    expect(JSON.stringify(answer)).not.toMatch(/hunter22|hotel\.example/);
    expect(heard.join('')).not.toMatch(/AUTH|hunter22|aHVudGVyMjI/);
    await new Promise((resolve) => plain.close(resolve));
  });
});
