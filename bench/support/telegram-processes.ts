import { fileURLToPath } from 'node:url';
import { RemoteProcess } from './remote.ts';
import type { TelegramBareServices } from './telegram-bare-child.ts';
import type { TelegramNetworkServices } from './telegram-network-child.ts';
import type { TelegramSessionServices } from './telegram-session-child.ts';

const fileOf = (name: string): string => fileURLToPath(new URL(`./${name}.ts`, import.meta.url));

/** Telegram in a box, in a process of its own. */
export const startTelegram = () => new RemoteProcess<TelegramNetworkServices>(fileOf('telegram-network-child'));

/** A process with nothing in it but clients of one library. */
export const startBare = () => new RemoteProcess<TelegramBareServices>(fileOf('telegram-bare-child'));

/** A process with sessions of the connector and their vaults, without a daemon. */
export const startSessions = () => new RemoteProcess<TelegramSessionServices>(fileOf('telegram-session-child'));
