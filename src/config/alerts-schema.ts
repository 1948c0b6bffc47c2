import { z } from 'zod';
import { about, seconds } from './about.ts';

/** Who is told when something is wrong, and when. */
export const alerts = z.strictObject({
  email: about(
    z
      .strictObject({
        // Also `root@localhost`, where a mail server runs on the machine.
        to: z
          .array(z.string().regex(/^[^\s@<>,]+@[^\s@<>,]+$/, 'an address'))
          .min(1)
          .max(20),
        from: z.string().regex(/^[^\r\n]*@[^\r\n]+$/, 'an address, or `Name <address>`'),
        smtp: z.strictObject({
          host: z.string().min(1),
          port: z.int().min(1).max(65_535).optional(),
          secure: z.boolean().default(true),
          user: z.string().min(1).optional(),
          // A password of digits is a number to YAML.
          password: z.union([z.string().min(1), z.number().transform(String)]).optional(),
        }),
      })
      .refine(({ smtp }) => (smtp.user === undefined) === (smtp.password === undefined), {
        path: ['smtp'],
        message: 'user and password go together',
      })
      .optional(),
    'Who gets a mail: `{ to: [address], from: address, smtp: { host, port, secure, user, password } }`. `secure: true` is TLS from the start (port 465), `false` STARTTLS (port 587). The password best by BELLHOP_ALERTS__EMAIL__SMTP__PASSWORD_FILE. `bellhop alerts test` shows whether it works.',
  ),
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
});

export type AlertsConfig = z.infer<typeof alerts>;
