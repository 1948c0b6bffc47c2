import type { Transporter } from 'nodemailer';
import type { AlertNotice, AlertSink, SinkAnswer } from '../engine/ports/index.ts';
import { emailFailure } from './email-failure.ts';
import { headline, plainText } from './notice-text.ts';

export interface EmailSettings {
  readonly to: readonly string[];
  readonly from: string;
  readonly smtp: {
    readonly host: string;
    readonly port: number;
    /** TLS from the first byte; otherwise STARTTLS, which a password insists on. */
    readonly secure: boolean;
    readonly user?: string | undefined;
    readonly password?: string | undefined;
  };
}

/** Connecting, greeting and each silence in between; ms. Three of them in a row are still an attempt of half a minute. */
const STEP_TIMEOUT_MS = 10_000;

/** Tells alerts by e-mail, one mail to all recipients. The all-clear answers the mail that it is about. */
export class EmailAlertSink implements AlertSink {
  readonly way = 'email';
  readonly kind = 'email';
  readonly name = 'e-mail';
  readonly #settings: EmailSettings;
  #transport: Promise<Transporter> | undefined;

  constructor(settings: EmailSettings) {
    this.#settings = settings;
  }

  async send(notice: AlertNotice): Promise<SinkAnswer> {
    try {
      this.#transport ??= connectTo(this.#settings);
      const transport = await this.#transport;
      await transport.sendMail({ ...this.#envelope(), ...mailOf(notice, this.#domain()) });
      return { delivered: true };
    } catch (error) {
      return { delivered: false, reason: emailFailure(error) };
    }
  }

  async close(): Promise<void> {
    (await this.#transport)?.close();
  }

  #envelope() {
    const { to, from } = this.#settings;
    return { from, to: [...to] };
  }

  /** What stands behind the @ of the sender, which the ids of mails end with. */
  #domain(): string {
    return /@([^\s>]+)/.exec(this.#settings.from)?.[1] ?? 'bellhop.invalid';
  }
}

/** Subject, text and headers. A mail that is sent again has the same id, by which mail programs tell repeats. */
function mailOf(notice: AlertNotice, domain: string) {
  const first = `<${notice.alert.id}@${domain}>`;
  const isFirst = notice.kind === 'opened' || notice.kind === 'passed';
  return {
    subject: `[Bellhop] ${headline(notice)}`,
    text: plainText(notice),
    messageId: isFirst ? first : `<${notice.id}@${domain}>`,
    ...(isFirst || notice.kind === 'test' ? {} : { inReplyTo: first, references: first }),
    // RFC 3834: no answering machine is to answer.
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** The library is loaded when there is something to tell. */
async function connectTo({ smtp }: EmailSettings): Promise<Transporter> {
  const { createTransport } = await import('nodemailer');
  const { host, port, secure, user, password } = smtp;
  const hasPassword = user !== undefined && password !== undefined;
  return createTransport({
    host,
    port,
    secure,
    requireTLS: !secure && hasPassword,
    ...(hasPassword ? { auth: { user, pass: password } } : {}),
    connectionTimeout: STEP_TIMEOUT_MS,
    greetingTimeout: STEP_TIMEOUT_MS,
    socketTimeout: STEP_TIMEOUT_MS,
    dnsTimeout: STEP_TIMEOUT_MS,
  });
}
