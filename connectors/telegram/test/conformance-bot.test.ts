import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkGroups, runCheck, unexplainedLevers } from '../../../test/contract/connector-contract.ts';
import type { ConnectorHarness, NetworkSide } from '../../../test/contract/connector-contract-harness.ts';
import { connector } from '../connector.ts';
import { startBotNetwork } from './conformance-bot.ts';

/** Accounts of people have suites of their own. */
const manifest = { ...connector.manifest, linkMethods: ['bot'] as const };

const harness: ConnectorHarness = {
  connector: { ...connector, manifest },
  accountKind: 'bot',
  networkGivesIds: true,
  addresses: {
    direct: ['id:7000000001', '@guest_of_ours'],
    group: ['group:400000001', 'group:c2000000001'],
    refused: ['004915112345678', 'front desk', 'id:', 'group:', 'group:x1', '@ab', 'lid:1'],
  },
  without: { receipts: 'the Bot API tells a bot neither what was delivered nor what was read' },
  startNetwork: startBotNetwork,
};

/** Checks that ask for both directions where the Bot API has one. The other one is tried in bot-session.test.ts. */
const oneWay: Readonly<Record<string, string>> = {
  'show who types, both ways': 'bots are not told who types, and what they show ends by itself',
  'delete a message for everyone, both ways': 'bots are not told what guests delete',
};

describe('Telegram (a bot) keeps the contract of a connector', () => {
  let side: NetworkSide;
  beforeAll(async () => {
    side = await startBotNetwork();
  });
  afterAll(() => side.stop());

  it('is tried with every lever, or says why not', async () => {
    expect(unexplainedLevers(harness, await side.createAccount())).toEqual([]);
    const names = checkGroups.flatMap(({ checks }) => checks.map(({ name }) => name));
    expect(names).toEqual(expect.arrayContaining(Object.keys(oneWay)));
  });

  for (const { name: groupName, checks } of checkGroups) {
    const applying = checks.filter((check) => check.applies?.(harness) !== false && !(check.name in oneWay));
    if (applying.length === 0) continue;
    describe(groupName, () => {
      for (const check of applying) it(check.name, () => runCheck(check, harness, side));
    });
  }
});
