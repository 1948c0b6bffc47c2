import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Stage } from '../../../test/contract/connector-contract-stage.ts';
import { findProgram } from '../../../test/support/programs.ts';
import { connector } from '../connector.ts';
import { readStream } from '../stored-account.ts';
import { startXmppNetwork } from './conformance-network.ts';

const program = findProgram('prosody', 'prosody');

describe.skipIf(program === null)('XMPP on Prosody, with the login that servers prefer', () => {
  let stage: Stage;
  beforeAll(async () => {
    const side = await startXmppNetwork(program ?? '', { scram: true });
    const harness = {
      connector,
      addresses: { direct: ['a@b.example'], group: [], refused: ['a'] },
      without: {},
      startNetwork: async () => side,
    } as const;
    stage = new Stage({ harness, side, account: await side.createAccount() });
  });
  afterAll(async () => {
    await stage.end();
    await stage.side.stop();
  });

  it('takes the same stream up again after its socket was destroyed, with what was said meanwhile', async () => {
    const guest = await stage.online();
    await stage.stored(await guest.say('before'));
    const stream = readStream(stage.vault);
    expect(stream?.received).toBeGreaterThan(0);
    await stage.account.cutLine?.();
    await stage.event('disconnected');
    const said = await guest.say('while the line was down');
    await stage.connect();
    await stage.stored(said);
    expect(readStream(stage.vault)?.id).toBe(stream?.id);
    await stage.session.call('disconnect', undefined);
    expect(readStream(stage.vault)).toBeUndefined();
    await stage.connect();
    await stage.stored(await guest.say('after'));
    expect(readStream(stage.vault)?.id).not.toBe(stream?.id);
    expect(stage.daemon.texts).toEqual(['before', 'while the line was down', 'after']);
  });

  it('says that there is nobody of that name', async () => {
    const nobody = { kind: 'direct', addresses: ['nobody@localhost'] } as const;
    await expect(stage.send(nobody, { type: 'text', body: 'Hello?' })).rejects.toMatchObject({
      code: 'recipient_unknown',
      certainty: 'not_sent',
      retryable: false,
    });
  });
});
