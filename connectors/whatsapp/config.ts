import { z } from 'zod';
import { WHATSAPP_ROOT } from './trust.ts';

const ROOT_KEY_BYTES = 32; // a Curve25519 public key without its type byte
const OWN_DOMAINS = ['whatsapp.net', 'whatsapp.com'] as const;

const LOOPBACK_HOSTS = ['127.0.0.1', '[::1]', 'localhost'] as const;

function endpointUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

function isUsableEndpoint(text: string): boolean {
  const url = endpointUrl(text);
  if (url?.username !== '' || url.password !== '') return false;
  if (url.protocol === 'wss:') return true;
  return url.protocol === 'ws:' && LOOPBACK_HOSTS.some((host) => host === url.hostname);
}

/** Whether the WebSocket address belongs to WhatsApp itself. An address that is no URL does not. */
export function isOwnServer(endpoint: string): boolean {
  const host = endpointUrl(endpoint)?.hostname.replace(/\.$/, '') ?? '';
  return OWN_DOMAINS.some((domain) => host === domain || host.endsWith(`.${domain}`));
}

/**
 * Whether nothing of this configuration can lead to WhatsApp itself, not even by a relay: the servers must prove themselves by keys that
 * WhatsApp does not have.
 */
export function isPrivate({ endpoint, trustedRoots }: Pick<WhatsAppConfig, 'endpoint' | 'trustedRoots'>): boolean {
  if (endpoint === undefined || trustedRoots === undefined || isOwnServer(endpoint)) return false;
  return !trustedRoots.some((root) => Buffer.from(root, 'base64').equals(WHATSAPP_ROOT));
}

const isRootKey = (text: string): boolean =>
  /^[A-Za-z0-9+/]+={0,2}$/.test(text) && Buffer.from(text, 'base64').length === ROOT_KEY_BYTES;

const versionPart = z.number().int().nonnegative();

/** What `channels.whatsapp` may hold. Read by the daemon; the child gets it validated. */
export const configSchema = z
  .strictObject({
    endpoint: z
      .string()
      .refine(isUsableEndpoint, 'expected a wss:// address (ws:// only on this machine), without credentials')
      .optional()
      .describe("WebSocket address of a private network, e.g. the sandbox. Default: WhatsApp's own."),
    trustedRoots: z
      .array(z.string().refine(isRootKey, 'expected a Curve25519 public key: 32 bytes, base64'))
      .nonempty()
      .optional()
      .describe("Root keys of a private endpoint's certificate chain. Default: WhatsApp's own."),
    caFile: z
      .string()
      .min(1)
      .optional()
      .describe('PEM file with an extra certificate authority for the media host of a private endpoint.'),
    versions: z
      .array(z.tuple([versionPart, versionPart, versionPart]))
      .nonempty()
      .optional()
      .describe('Client versions to announce, newest first. Default: those shipped with this release.'),
    liveVersions: z
      .union([z.literal('off'), z.url({ protocol: /^https?$/ })])
      .optional()
      .describe(
        "Page that names the newest client version; asked only when a version is refused. `off`: never. Default: WhatsApp's own; for a private endpoint `off`.",
      ),
  })
  .refine(
    (config) =>
      (config.trustedRoots === undefined && config.caFile === undefined) ||
      (config.endpoint !== undefined && !isOwnServer(config.endpoint)),
    {
      message: "trustedRoots and caFile are for a private endpoint: WhatsApp's own servers keep their own trust",
      path: ['endpoint'],
    },
  );

export type WhatsAppConfig = z.infer<typeof configSchema>;
