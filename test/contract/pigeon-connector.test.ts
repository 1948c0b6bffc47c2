import { describe, expect, it } from 'vitest';
import { checkGroups, describeConnectorContract, runCheck, unexplainedLevers } from './connector-contract.ts';
import { pigeonHarness } from './connector-contract-pigeon-harness.ts';
import type { Mistake } from './connector-contract-pigeon-mistakes.ts';

describeConnectorContract('the pigeon post', pigeonHarness());
describeConnectorContract('the pigeon post that numbers its letters', numbering());

/** How long the kit waits in vain for what a mistake keeps from coming. */
const PATIENCE_MS = 400;

const allChecks = checkGroups.flatMap(({ name, checks }) => checks.map((check) => ({ group: name, check })));

/** For each mistake the group and the beginning of the name of a check that must fail. */
const mistakes: readonly (readonly [Mistake, string, string])[] = [
  ['repeats message ids', 'manifest', 'makes message ids'],
  ['does not tell the kind of its account', 'manifest', 'claims exactly'],
  ['keeps credentials of a cancelled login', 'linking', 'that is cancelled'],
  ['forgets the link at the end', 'linking', 'comes back without linking'],
  ['sends under ids of its own', 'messages', 'to a guest arrive under the id'],
  ['sends under ids of its own', 'messages', 'that are sent a second time'],
  ['tells receipts backwards', 'receipts', 'tell how far'],
  ['drops the quote of a reply', 'capabilities', 'point a reply'],
  ['does not react', 'capabilities', 'react to a message'],
  ['sends the first file of an album only', 'rich content', 'show several files'],
  ['tears albums apart', 'rich content', 'tell which files'],
  ['drops formatting', 'rich content', 'keep the formatting'],
  ['tells the label of a button for its id', 'rich content', 'offer buttons'],
  ['does not tell that a vote was taken back', 'rich content', 'tell who voted'],
  ['hides that words are passed on', 'rich content', 'tell a guest'],
  ['acknowledges before the daemon stored', 'durable emit', 'a message that was being stored'],
  ['acknowledges before the daemon stored', 'resume', 'after kill -9 in the middle'],
  ['gives up what the daemon refused', 'durable emit', 'a message that a full host refused is offered'],
  ['renames what comes again', 'durable emit', 'a message that was stored does not become two'],
  ['does not speak while the daemon is slow', 'slow hosts', 'do not keep the account'],
  ['tells an end twice', 'disconnects', 'by a broken line'],
  ['calls everything a network fault', 'disconnects', 'that the network decides'],
  ['does not hear a cancelled send', 'ending', 'a send that is cancelled'],
  ['does not end', 'ending', 'a session closes promptly'],
  ['emits what cannot cross', 'traffic', 'is plain data'],
  ['logs what is said', 'traffic', 'leaves no word'],
  ['is never silent', 'liveness', 'vital signs know no silence'],
  ['does not count what is pushed', 'liveness', 'vital signs count'],
  ['calls a slow daemon stuck', 'liveness', 'vital signs do not call stuck'],
  ['loses canaries', 'liveness', 'a canary comes back with its token'],
  ['loses canaries', 'liveness', 'a canary comes back while'],
  ['takes canaries for messages', 'liveness', 'a canary comes back with its token'],
  ['takes canaries without a line', 'liveness', 'a canary without'],
  ['hides who answers canaries', 'liveness', 'the manifest says'],
];

function numbering(mistake?: Mistake): ReturnType<typeof pigeonHarness> {
  return pigeonHarness(mistake, mistake === undefined ? undefined : PATIENCE_MS, { givesIds: true });
}

describe('the kit', () => {
  it.each([
    ['answers with the chosen id', 'to a guest arrive under the id'],
    ['answers with the chosen id', 'have the id that the network gives'],
    ['sends again as another message', 'that are sent a second time'],
    ['sends again as another message', 'have the id that the network gives'],
  ] as const)('finds a connector that %s where the network gives ids (%s…)', async (mistake, beginning) => {
    const [found] = allChecks.filter(({ check }) => check.name.startsWith(beginning));
    if (found === undefined) throw new Error('the check has another name now');
    const broken = numbering(mistake);
    await expect(runCheck(found.check, broken, await broken.startNetwork())).rejects.toThrow();
  });

  it.each(mistakes)('finds a connector that %s (%s: %s…)', async (mistake, group, beginning) => {
    const found = allChecks.filter((one) => one.group === group && one.check.name.startsWith(beginning));
    expect(found).toHaveLength(1);
    for (const { check } of found) {
      const broken = pigeonHarness(mistake, PATIENCE_MS);
      await expect(runCheck(check, broken, await broken.startNetwork())).rejects.toThrow();
    }
  });

  it('has a mistake for every group of checks', () => {
    expect(new Set(mistakes.map(([, group]) => group))).toEqual(new Set(checkGroups.map(({ name }) => name)));
  });

  it('fails for a capability that is claimed where the network has no verb for it', async () => {
    const harness = pigeonHarness();
    const side = await harness.startNetwork();
    const mute = {
      ...side,
      createGuest: async (account: Parameters<typeof side.createGuest>[0]) => {
        const { addresses, seen, say } = await side.createGuest(account);
        return { addresses, seen, say };
      },
    };
    const [reply] = allChecks.filter(({ check }) => check.name.startsWith('point a reply'));
    if (reply === undefined) throw new Error('the check has another name now');
    await expect(runCheck(reply.check, harness, mute)).rejects.toThrow('has no verb "reply"');
  });

  it('names the levers that are neither given nor explained', async () => {
    const harness = pigeonHarness();
    const account = await (await harness.startNetwork()).createAccount();
    const { cutLine: _, refusals: __, ...poorer } = account;
    expect(unexplainedLevers(harness, poorer)).toEqual(['cutLine', 'refusals']);
    const explained = { ...harness, without: { cutLine: 'no such thing', refusals: 'likewise' } };
    expect(unexplainedLevers(explained, poorer)).toEqual([]);
  });
});
