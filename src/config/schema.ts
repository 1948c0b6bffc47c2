import { z } from 'zod';
import { scope } from '../engine/model/access.ts';
import { about, seconds } from './about.ts';
import type { AlertsConfig } from './alerts-schema.ts';
import { alerts } from './alerts-schema.ts';
import type { PacingConfig } from './pacing-schema.ts';
import { pacing } from './pacing-schema.ts';

const port = z.int().min(0).max(65_535);

const server = z.strictObject({
  host: about(
    z.string().min(1).default('127.0.0.1'),
    'Address to listen on. Loopback by default: put a TLS proxy in front, or set `tls`.',
  ),
  port: about(port.default(8080), 'TCP port; 0 lets the system choose one.'),
  tls: about(
    z.strictObject({ cert: z.string().min(1), key: z.string().min(1) }).optional(),
    'PEM files for serving HTTPS directly: `{ cert: path, key: path }`.',
  ),
  bodyLimitBytes: about(
    z.int().min(1_024).max(16_777_216).default(1_048_576),
    'Largest JSON body, bytes. 1 MiB holds a batch of 50 long messages; files go through POST /v1/media.',
  ),
  maxConnections: about(
    z.int().min(8).max(65_535).default(1_024),
    'Open connections at once; more are refused, so that a flood cannot exhaust memory.',
  ),
  rateLimit: about(
    z
      .strictObject({
        max: about(z.int().min(1).max(10_000_000).default(6_000), 'Requests a key may make in one window.'),
        windowSeconds: about(seconds(1, 3_600).default(60), 'Length of the window, seconds.'),
      })
      .prefault({}),
    'A guard against runaway clients, per API key; the pace towards guests is set by `pacing`.',
  ),
  metricsPublic: about(
    z.boolean().default(false),
    'Serve /metrics without a key. Otherwise it wants one with the scope `metrics:read`.',
  ),
});

const auth = z.strictObject({
  adminKey: about(
    z.string().min(24).optional(),
    'A key that may do everything, for automation; at least 24 characters, best by BELLHOP_AUTH__ADMIN_KEY_FILE. Without it one is made at the first start and shown once.',
  ),
  apiKeys: about(
    z
      .array(
        z.strictObject({
          name: z.string().min(1).max(100),
          hash: z.string().regex(/^[0-9a-f]{64}$/, 'the lower-case hex SHA-256 of the key'),
          scopes: z.array(scope).min(1),
        }),
      )
      .default([]),
    'Keys known by their SHA-256 hash: `[{ name, hash, scopes }]`. `bellhop keys create` makes keys without a restart.',
  ),
});

/** Read alone by commands that ask a running daemon, also where the rest is not valid for them. */
export const store = z.strictObject({
  url: about(
    z
      .string()
      .regex(/^sqlite:.+/, 'sqlite:<path>')
      .default('sqlite:./data/bellhop.db'),
    'Where messages, events and the queue live. `sqlite:<path>`; PostgreSQL is not built yet.',
  ),
});

const sessions = z.strictObject({
  dir: about(
    z.string().min(1).default('./sessions'),
    'Folder of the encrypted vaults, one file a session, mode 0700. Back it up together with the key.',
  ),
  key: about(
    z
      .string()
      .regex(/^[A-Za-z0-9+/]{43}=$/, '32 bytes in base64')
      .optional(),
    '32 bytes, base64 (`openssl rand -base64 32`), best by BELLHOP_SESSIONS__KEY_FILE. Without it one is made at the first start in `<dir>/vault.key`.',
  ),
  maxPerProcess: about(
    z.int().min(1).max(5_000).default(250),
    'Sessions of one channel that share a child process; more sessions start more processes.',
  ),
  maxMemoryMb: about(
    z.int().min(256).max(65_536).default(768),
    'Resident memory of one child process above which it takes no more sessions, MiB; at half as much again its sessions are moved to another one and it ends. The default is about twice what 250 WhatsApp sessions need at rest (113 MB with one, 1.2 MB for each further one).',
  ),
  connectsPerSecond: about(
    z.number().min(0.1).max(200).default(25),
    'Sessions of one channel that may begin to connect in one second, at most. 25 bring a thousand back within a minute and fill one core; Bellhop goes slower by itself while the network refuses or this machine cannot keep up. Lower it where many accounts share one address.',
  ),
});

const liveness = z.strictObject({
  canaryMinutes: about(
    z.number().min(0).max(60).default(4),
    'How long a line may be quiet before Bellhop sends itself something through the network, minutes. At 4, deafness is found within 5 minutes (a busy line: 1 minute). 0: only when something looks wrong.',
  ),
  phoneCanaryMinutes: about(
    z.number().min(0).max(60).default(4),
    "The same where the account's own phone answers (WhatsApp). Each is an invisible message to that phone: less often spares its battery and finds deafness later. A phone that is off is asked at most twice an hour.",
  ),
});

const media = z.strictObject({
  dir: about(
    z.string().min(1).default('./data/media'),
    'Folder of files that guests and staff send, named by their hash.',
  ),
  maxBytes: about(
    z.int().min(1_024).max(2_147_483_648).default(104_857_600),
    "Largest file, bytes, in either direction. 100 MiB is what the guests' apps send in practice.",
  ),
});

const webhooks = z.strictObject({
  allowTargets: about(
    z.array(z.string()).default([]),
    'Private address ranges (CIDR) to which webhooks may go, and from which attachments may be fetched by URL, e.g. the PMS in the house: ["10.0.0.0/8"]. Everything private is refused otherwise.',
  ),
  endpoints: about(
    z
      .array(
        z.strictObject({
          url: z.url({ protocol: /^https?$/ }),
          secret: z.string().regex(/^whsec_[A-Za-z0-9+/=]{32,}$/, 'whsec_ and at least 24 bytes in base64'),
          types: z.array(z.string()).default([]),
          description: z.string().max(200).optional(),
        }),
      )
      .default([]),
    'Endpoints that exist from the start: `[{ url, secret, types }]`. Others are made through POST /v1/webhooks.',
  ),
  timeoutSeconds: about(
    seconds(1, 60).default(15),
    'How long one delivery may take, seconds; the Standard Webhooks advice is 15 to 30.',
  ),
  concurrency: about(z.int().min(1).max(512).default(64), 'Deliveries under way at once, over all endpoints.'),
});

const log = z.strictObject({
  level: about(
    z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
    'Least important level that is written. No level shows message bodies, phone numbers or secrets.',
  ),
  format: about(
    z.enum(['auto', 'text', 'json']).default('auto'),
    '`auto` writes text to a terminal and JSON lines elsewhere.',
  ),
});

/**
 * The whole configuration. `channels` holds what each connector's manifest describes, so the shape depends on the connectors
 * that the composition root knows.
 */
export function configSchema(channels: Readonly<Record<string, z.ZodType>>) {
  const channelShape = Object.fromEntries(
    Object.entries(channels).map(([channel, schema]) => [channel, schema.prefault({})]),
  );
  return z.strictObject({
    server: about(server.prefault({}), 'The HTTP server.'),
    auth: about(auth.prefault({}), 'Who may use the API.'),
    store: about(store.prefault({}), 'The durable store.'),
    sessions: about(sessions.prefault({}), 'Linked accounts.'),
    liveness: about(liveness.prefault({}), 'How Bellhop makes sure that a line that looks connected hears.'),
    media: about(media.prefault({}), 'Files.'),
    channels: about(z.strictObject(channelShape).prefault({}), 'The connectors.'),
    pacing: about(pacing.prefault({}), 'When messages go out.'),
    webhooks: about(webhooks.prefault({}), 'Events to other systems.'),
    alerts: about(alerts.prefault({}), 'Who is told when something is wrong: see docs/guides/alerts.md.'),
    log: about(log.prefault({}), 'What the daemon writes.'),
  });
}

export type ServerConfig = z.infer<typeof server>;
export type AuthConfig = z.infer<typeof auth>;
export type WebhooksConfig = z.infer<typeof webhooks>;
export type LogConfig = z.infer<typeof log>;

export interface Config {
  readonly server: ServerConfig;
  readonly auth: AuthConfig;
  readonly store: z.infer<typeof store>;
  readonly sessions: z.infer<typeof sessions>;
  readonly liveness: z.infer<typeof liveness>;
  readonly media: z.infer<typeof media>;
  readonly channels: Readonly<Record<string, unknown>>;
  readonly pacing: PacingConfig;
  readonly webhooks: WebhooksConfig;
  readonly alerts: AlertsConfig;
  readonly log: LogConfig;
}
