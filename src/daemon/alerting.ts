import type { EmailSettings } from '../alerts/email-sink.ts';
import { EmailAlertSink } from '../alerts/email-sink.ts';
import { WebhookAlertSink } from '../alerts/webhook-sink.ts';
import type { AlertsConfig, EmailConfig } from '../config/alerts-schema.ts';
import type { Clock } from '../core/clock.ts';
import type { AlertingDeps } from '../engine/engine.ts';
import type { AlertSink } from '../engine/ports/index.ts';
import type { AddressPolicy } from '../webhooks/address-policy.ts';
import { createWebhookSender } from '../webhooks/sender.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const MEBIBYTE = 1_048_576;
const WEBHOOK_TIMEOUT_MS = 15 * SECOND_MS; // as for the events of integrators
/** The ports that mail servers take mail of programs on: TLS from the start, and STARTTLS. */
const SUBMISSIONS_PORT = 465;
const SUBMISSION_PORT = 587;

/** Who is told of trouble, made from the configuration; `stop` closes the ways. */
export function prepareAlerting(deps: {
  readonly config: AlertsConfig;
  readonly policy: AddressPolicy;
  readonly clock: Clock;
  readonly userAgent: string;
  readonly disks: () => Promise<readonly { readonly freeBytes: number }[]>;
}): { readonly alerting: AlertingDeps; stop(): Promise<void> } {
  const { config, policy, clock, userAgent } = deps;
  const sinks: AlertSink[] = [];
  const mail = emailSettings(config.email);
  if (mail !== undefined) sinks.push(new EmailAlertSink(mail));
  const sender =
    config.webhooks.length === 0
      ? undefined
      : createWebhookSender({ policy, clock, timeoutMs: WEBHOOK_TIMEOUT_MS, userAgent });
  if (sender !== undefined) {
    for (const { url, secret } of config.webhooks)
      sinks.push(new WebhookAlertSink({ url, secret, post: (job) => sender.send(job) }));
  }
  return {
    alerting: {
      rules: {
        graceMs: config.graceMinutes * MINUTE_MS,
        groupMs: config.groupSeconds * SECOND_MS,
        clearMs: config.clearSeconds * SECOND_MS,
        queueMs: config.queueMinutes * MINUTE_MS,
        diskFreeBytes: config.diskFreeMb * MEBIBYTE,
      },
      checkMs: config.checkSeconds * SECOND_MS,
      sinks,
      freeBytes: async () => {
        const free = (await deps.disks()).map(({ freeBytes }) => freeBytes);
        return free.length === 0 ? null : Math.min(...free);
      },
    },
    stop: async () => {
      await Promise.all(sinks.map((sink) => sink.close()));
      await sender?.close();
    },
  };
}

/** Undefined where nobody is to get mails. */
function emailSettings({ to, from, smtp }: EmailConfig): EmailSettings | undefined {
  const { host, secure, user, password } = smtp;
  if (to.length === 0 || from === undefined || host === undefined) return undefined;
  const port = smtp.port ?? (secure ? SUBMISSIONS_PORT : SUBMISSION_PORT);
  return { to, from, smtp: { host, port, secure, user, password } };
}
