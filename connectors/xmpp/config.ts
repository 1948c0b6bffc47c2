import { z } from 'zod';

const LOOPBACK_HOSTS: readonly string[] = ['127.0.0.1', '[::1]', 'localhost'];

function serviceUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

function isUsableService(text: string): boolean {
  const url = serviceUrl(text);
  return (
    (url?.protocol === 'xmpp:' || url?.protocol === 'xmpps:') &&
    url.hostname !== '' &&
    url.username === '' &&
    url.password === ''
  );
}

/** Whether the server is on this machine: only then may a line go without encryption. */
export function isLoopback(service: string | undefined): boolean {
  const host = service === undefined ? undefined : serviceUrl(service)?.hostname;
  return host !== undefined && LOOPBACK_HOSTS.includes(host);
}

/** What `channels.xmpp` may hold. The domain and the password belong to the account and are typed when it is linked. */
export const configSchema = z.strictObject({
  service: z
    .string()
    .refine(isUsableService, 'expected xmpp://host:port or xmpps://host:port, without credentials')
    .optional()
    .describe("Address of the server, e.g. xmpps://chat.hotel.example:5223. Default: found by the account's domain."),
});

export type XmppConfig = z.infer<typeof configSchema>;
