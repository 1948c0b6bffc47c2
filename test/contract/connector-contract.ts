import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { capabilityChecks } from './connector-contract-capabilities.ts';
import { durableChecks, hostChecks, resumeChecks } from './connector-contract-durable.ts';
import type { AccountSide, ConnectorHarness, Lever, NetworkSide } from './connector-contract-harness.ts';
import { endingChecks, lineChecks } from './connector-contract-line.ts';
import { linkingChecks, manifestChecks } from './connector-contract-linking.ts';
import { livenessChecks } from './connector-contract-liveness.ts';
import { messageChecks, receiptChecks } from './connector-contract-messages.ts';
import { richChecks } from './connector-contract-rich.ts';
import type { Check, CheckGroup } from './connector-contract-stage.ts';
import { Stage } from './connector-contract-stage.ts';
import { trafficChecks } from './connector-contract-traffic.ts';

/** Everything that a connector is held to. */
export const checkGroups: readonly CheckGroup[] = [
  manifestChecks,
  linkingChecks,
  messageChecks,
  receiptChecks,
  capabilityChecks,
  richChecks,
  durableChecks,
  resumeChecks,
  hostChecks,
  lineChecks,
  endingChecks,
  trafficChecks,
  livenessChecks,
];

const leversOfAccount: readonly Extract<Lever, keyof AccountSide>[] = [
  'wrongAnswer',
  'cutLine',
  'beginOutage',
  'refusals',
  'loseNextAcknowledgement',
  'holdDeliveries',
  'ignoreNextSend',
  'stallConnections',
  'createGroup',
];

/** Levers that are neither there nor explained; a suite that has any proves less than it seems to. */
export function unexplainedLevers(harness: ConnectorHarness, account: AccountSide): readonly Lever[] {
  return leversOfAccount.filter((lever) => account[lever] === undefined && harness.without[lever] === undefined);
}

/** Runs one check on a session and an account of its own. */
export async function runCheck(check: Check, harness: ConnectorHarness, side: NetworkSide): Promise<void> {
  const stage = new Stage({ harness, side, account: await side.createAccount() });
  try {
    await check.run(stage);
  } finally {
    await stage.end();
  }
}

/**
 * Every connector behaves like this. Call it inside a test file. What the connector claims is tried, and a claim that
 * the network's side cannot try fails; what it does not claim, or what the harness explains away, is left out.
 */
export function describeConnectorContract(name: string, harness: ConnectorHarness): void {
  describe(`${name} keeps the contract of a connector`, () => {
    let side: NetworkSide;
    beforeAll(async () => {
      side = await harness.startNetwork();
    });
    afterAll(() => side.stop());

    it('is tried with every lever, or says why not', async () => {
      expect(unexplainedLevers(harness, await side.createAccount())).toEqual([]);
      const groups = harness.addresses.group.length > 0;
      expect(groups).toBe(harness.without.createGroup === undefined);
    });

    for (const { name: groupName, checks } of checkGroups) {
      const applying = checks.filter((check) => check.applies?.(harness) !== false);
      if (applying.length === 0) continue;
      describe(groupName, () => {
        for (const check of applying) it(check.name, () => runCheck(check, harness, side));
      });
    }
  });
}
