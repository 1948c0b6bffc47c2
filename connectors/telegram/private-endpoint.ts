import { BlockList, isIP } from 'node:net';
import type { TelegramConfig } from './config.ts';

type Ends = Pick<TelegramConfig, 'apiId' | 'endpoint' | 'serverKeys' | 'botApi'>;

/** Networks of Telegram's data centres (AS62041, AS62014, AS59930, AS44907, AS211157), wider than its list of addresses. */
const OWN_NETWORKS = [
  ['91.105.192.0', 23, 'ipv4'],
  ['91.108.0.0', 16, 'ipv4'],
  ['95.161.64.0', 20, 'ipv4'],
  ['149.154.160.0', 20, 'ipv4'],
  ['185.76.151.0', 24, 'ipv4'],
  ['2001:67c:4e8::', 48, 'ipv6'],
  ['2001:b28:f23c::', 46, 'ipv6'],
  ['2a0a:f280::', 32, 'ipv6'],
] as const;

const ownNetworks = new BlockList();
for (const [address, prefix, family] of OWN_NETWORKS) ownNetworks.addSubnet(address, prefix, family);

/** Whether a host is Telegram's own: whoever writes it into the configuration still talks to the network itself. */
function isOwnServer(host: string): boolean {
  const bare = host.toLowerCase().replace(/^\[|\]$|\.$/g, '');
  const family = isIP(bare);
  if (family !== 0) return ownNetworks.check(bare, family === 6 ? 'ipv6' : 'ipv4');
  return /(^|\.)(telegram\.org|telegram\.me|t\.me)$/.test(bare);
}

/** Bots of a private network have a Bot API of their own: without one there are none, rather than bots on Telegram itself. */
export const hasBots = ({ endpoint, botApi }: Pick<Ends, 'endpoint' | 'botApi'>): boolean =>
  endpoint === undefined || botApi !== undefined;

/**
 * No session of this configuration can reach Telegram itself. Pacing may be off for a channel as a whole, so both kinds of account
 * count: each is on a private server, which proves itself by keys that are not Telegram's, or cannot be had (people's accounts without `apiId`, bots as `hasBots` says).
 */
export function isPrivate({ endpoint, serverKeys, botApi, apiId }: Ends): boolean {
  if (endpoint === undefined && botApi === undefined) return false;
  const arePeoplePrivate =
    endpoint === undefined ? apiId === undefined : serverKeys !== undefined && !isOwnServer(endpoint.host);
  const areBotsPrivate = botApi === undefined || !isOwnServer(new URL(botApi).hostname);
  return arePeoplePrivate && areBotsPrivate;
}
