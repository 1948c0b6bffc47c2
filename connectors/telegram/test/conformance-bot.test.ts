import { describeConnectorContract } from '../../../test/contract/connector-contract.ts';
import { connector } from '../connector.ts';
import { startBotNetwork } from './conformance-bot.ts';

/** Accounts of people have suites of their own. */
const manifest = { ...connector.manifest, linkMethods: ['bot'] as const };

describeConnectorContract('Telegram (a bot) over the Bot API', {
  connector: { ...connector, manifest },
  accountKind: 'bot',
  networkGivesIds: true,
  addresses: {
    direct: ['id:7000000001', '@guest_of_ours'],
    group: ['group:400000001', 'group:c2000000001'],
    refused: ['004915112345678', 'front desk', 'id:', 'group:', 'group:x1', '@ab', 'lid:1'],
  },
  without: {
    receipts: 'the Bot API tells a bot neither what was delivered nor what was read',
    guestTyping: 'bots are not told who types, and phones hide by themselves what a bot shows',
    guestDeletions: 'bots are not told what guests delete',
  },
  startNetwork: startBotNetwork,
});
