import { z } from 'zod';
import { about, seconds } from './about.ts';

const ADDRESS = /^[^\s@<>,]+@[^\s@<>,]+$/; // also `root@localhost`, where a mail server runs on the machine

const smtp = z.strictObject({
  host: about(z.string().min(1).optional(), 'The mail server that takes the mails.'),
  port: about(z.int().min(1).max(65_535).optional(), 'Its port; 465 with `secure`, else 587.'),
  secure: about(
    z.boolean().default(true),
    'TLS from the first byte. `false`: STARTTLS where the server offers it; with a password it must.',
  ),
  user: about(z.string().min(1).optional(), 'Who logs in; nobody does without.'),
  password: about(
    // A password of digits is a number to YAML.
    z.union([z.string().min(1), z.number().transform(String)]).optional(),
    'The password, best by BELLHOP_ALERTS__EMAIL__SMTP__PASSWORD_FILE.',
  ),
});

const email = z
  .strictObject({
    to: about(
      z.array(z.string().regex(ADDRESS, 'an address')).max(20).default([]),
      'Who gets a mail; nobody by default. `bellhop alerts test` shows whether it works.',
    ),
    from: about(
      z
        .string()
        .regex(/^[^\r\n]*@[^\r\n]+$/, 'an address, or `Name <address>`')
        .optional(),
      'The sender, an address or `Name <address>`.',
    ),
    smtp: about(smtp.prefault({}), 'How mails go out.'),
  })
  .superRefine(({ to, from, smtp: server }, context) => {
    const missing = (path: readonly string[], message: string): void =>
      context.addIssue({ code: 'custom', path: [...path], message });
    if ((server.user === undefined) !== (server.password === undefined))
      missing(['smtp', server.user === undefined ? 'user' : 'password'], 'user and password go together');
    if (to.length === 0) return;
    if (from === undefined) missing(['from'], 'expected the sender, since `to` names somebody');
    if (server.host === undefined) missing(['smtp', 'host'], 'expected the mail server, since `to` names somebody');
  });

/** Who is told when something is wrong, and when. */
export const alerts = z.strictObject({
  webhooks: about(
    z
      .array(
        z.strictObject({
          url: z.url({ protocol: /^https?$/ }),
          secret: z.string().regex(/^whsec_[A-Za-z0-9+/=]{32,}$/, 'whsec_ and at least 24 bytes in base64'),
        }),
      )
      .max(10)
      .default([]),
    'Endpoints that get alerts as JSON, signed like webhooks: `[{ url, secret }]`. Private addresses need `webhooks.allowTargets`.',
  ),
  graceMinutes: about(
    z.number().min(0).max(1_440).default(3),
    'How long a session may be down before anybody is disturbed. What needs a person is told at once.',
  ),
  groupSeconds: about(
    seconds(0, 600).default(30),
    'Sessions of a channel that fail within this time, seconds, are told in one alert.',
  ),
  clearSeconds: about(seconds(0, 3_600).default(60), 'How long all must have been well before the all-clear, seconds.'),
  queueMinutes: about(
    z.int().min(1).max(1_440).default(30),
    'A message that should have gone out this long ago, on a session that is connected, is told, minutes.',
  ),
  diskFreeMb: about(
    z.int().min(1).max(1_000_000).default(500),
    'Less free space than this, MiB, where the store, the vaults or the media lie is told.',
  ),
  checkSeconds: about(seconds(1, 60).default(5), 'How often Bellhop looks whether all is well, seconds.'),
  email: about(email.prefault({}), 'By e-mail.'),
});

export type AlertsConfig = z.infer<typeof alerts>;
export type EmailConfig = z.infer<typeof email>;
