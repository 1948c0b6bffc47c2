import type { TelegramConfig } from '../../connectors/telegram/config.ts';
import type { LinkedAccount } from './telegram-network-child.ts';

export type LibraryName = 'gramjs' | 'mtcute';

export interface BareOptions {
  readonly config: TelegramConfig;
  readonly account: LinkedAccount;
  /** Runs for each message of a guest. */
  readonly onMessage: () => void;
}

/** A client of a library as its own users run it, with all that it remembers in memory. */
export interface BareClient {
  /** Resolves when the account is connected and its updates come in. */
  connect(): Promise<void>;
  /** To the guest, who has written before. Resolves when Telegram has answered. */
  send(text: string): Promise<void>;
  close(): Promise<void>;
}
