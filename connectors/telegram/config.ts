import { z } from 'zod';
import { engineNames } from './mtproto/client.ts';

const LOOPBACK_HOSTS = ['127.0.0.1', '::1', 'localhost'] as const;
const LARGEST_PORT = 65_535;
const LONGEST_NAME = 64; // what Telegram's list of devices shows

const isUrl = (text: string): boolean => {
  try {
    const url = new URL(text);
    return ['http:', 'https:'].includes(url.protocol) && url.username === '' && url.password === '';
  } catch {
    return false;
  }
};

/** What `channels.telegram` may hold. Read by the daemon; the child gets it validated. */
export const configSchema = z
  .strictObject({
    apiId: z
      .int()
      .positive()
      .optional()
      .describe('Number of your application, from https://my.telegram.org. Not needed for bots.'),
    apiHash: z
      .string()
      .regex(/^[0-9a-f]{32}$/, 'expected 32 hexadecimal digits, from https://my.telegram.org')
      .optional()
      .describe('Its hash, from the same page. A secret: best by BELLHOP_CHANNELS__TELEGRAM__API_HASH_FILE.'),
    endpoint: z
      .strictObject({
        host: z.string().min(1),
        port: z.int().min(1).max(LARGEST_PORT),
        dcId: z.int().min(1).max(5),
      })
      .optional()
      .describe("Data centre of a private network, e.g. the sandbox: `{ host, port, dcId }`. Default: Telegram's own."),
    serverKeys: z
      .array(z.string().startsWith('-----BEGIN ', 'expected an RSA public key, PEM'))
      .nonempty()
      .optional()
      .describe('RSA public keys of a private endpoint.'),
    botApi: z
      .string()
      .refine(isUrl, 'expected an http:// or https:// address, without credentials')
      .optional()
      .describe("Root of a private Bot API server. Default: Telegram's own, https://api.telegram.org."),
    engines: z
      .array(z.enum(engineNames))
      .nonempty()
      .optional()
      .describe('Libraries that speak MTProto, the first being used while it works. Default: as shipped.'),
    deviceModel: z
      .string()
      .min(1)
      .max(LONGEST_NAME)
      .default('Bellhop')
      .describe("What the account's list of devices shows. Kept for an account from the day it was linked."),
  })
  .refine((config) => (config.apiId === undefined) === (config.apiHash === undefined), {
    message: 'apiId and apiHash come together',
    path: ['apiId'],
  })
  .refine((config) => config.serverKeys === undefined || config.endpoint !== undefined, {
    message: "serverKeys are for a private endpoint: Telegram's own servers keep their own keys",
    path: ['serverKeys'],
  });

export type TelegramConfig = z.infer<typeof configSchema>;

/** Only a server on this machine may be reached without encryption (Bot API), and only there may pacing be off. */
export function isLoopback(host: string): boolean {
  return LOOPBACK_HOSTS.some((known) => known === host) || /^127(?:\.\d{1,3}){3}$/.test(host);
}
