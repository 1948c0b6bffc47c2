import { describeConnectorContract } from '../../../test/contract/connector-contract.ts';
import { connector } from '../connector.ts';
import type { EngineName } from '../mtproto/client.ts';
import { startTelegramNetwork } from './conformance-network.ts';

/** Accounts of people; the Bot API has a suite of its own. Codes first: a person can type a wrong one. */
const manifest = { ...connector.manifest, linkMethods: ['code', 'qr'] as const };

const engines: readonly { readonly engine: EngineName; readonly group: 'basic' | 'supergroup' }[] = [
  { engine: 'gramjs', group: 'basic' },
  { engine: 'mtcute', group: 'supergroup' },
];

for (const { engine, group } of engines) {
  describeConnectorContract(`Telegram (a person, by ${engine}) on the simulated network`, {
    connector: { ...connector, manifest },
    accountKind: 'user',
    networkGivesIds: true,
    addresses: {
      direct: ['+4915112345678', '@front_desk', 'id:7000000001'],
      group: ['group:400000001', 'group:c2000000001'],
      refused: ['004915112345678', 'front desk', 'id:', 'group:', 'group:x1', '@ab', 'lid:1'],
    },
    without: { receipts: 'Telegram tells what was read, and never what was delivered' },
    startNetwork: () => startTelegramNetwork({ engine, group }),
  });
}
