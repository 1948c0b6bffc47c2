import type { WASocket } from '@whiskeysockets/baileys';
import { beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/core/logger.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { MemoryVault } from '../../../test/support/memory-vault.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import type { Baileys } from '../baileys.ts';
import { loadBaileys } from '../baileys.ts';
import type { DurableInbox, DurableSocket } from '../durable-socket.ts';
import { createDurableInbox } from '../durable-socket.ts';
import { FakeSocket, ME } from './durable-support.ts';

const nothing = async (): Promise<void> => undefined;

let baileys: Baileys;
let vault: MemoryVault;
let inbox: DurableInbox;
let sock: FakeSocket;

beforeEach(async () => {
  baileys = await loadBaileys();
  const clock = new VirtualClock();
  vault = new MemoryVault({ clock });
  const handlers = {
    onMessage: nothing,
    onUnreadable: nothing,
    onPoison: nothing,
    onReceipt: nothing,
    onNotification: nothing,
    onCall: nothing,
    onCanary: nothing,
  };
  inbox = createDurableInbox({ baileys, vault, clock, random: seededRandom(1), log: silentLogger, handlers });
  sock = new FakeSocket();
});

function prepare(purpose: 'connect' | 'login'): DurableSocket {
  const durable = inbox.prepareSocket({ purpose, onFailure: () => undefined });
  durable.attach(sock as unknown as WASocket);
  return durable;
}

/** As Baileys does: the credentials are changed in place, then the event tells so. */
function update(durable: DurableSocket, change: object): void {
  Object.assign(durable.config.auth.creds, change);
  sock.ev.emit('creds.update', change);
}

const signed = { me: { id: ME }, account: { details: Buffer.from('x') } };

describe('credentials', () => {
  it('are in the vault as soon as the link is complete, in the same tick', () => {
    const durable = prepare('login');
    update(durable, signed);
    expect(inbox.isLinked()).toBe(true);
    durable.detach();
    const next = prepare('connect').config.auth.creds;
    expect(Buffer.from(next.noiseKey.private)).toEqual(Buffer.from(durable.config.auth.creds.noiseKey.private));
    expect(next.me?.id).toBe(ME);
  });

  it('of a login that came no further than a number are not kept', () => {
    const durable = prepare('login');
    update(durable, { me: { id: ME }, pairingCode: 'ABCD1234' });
    durable.detach();
    expect(inbox.isLinked()).toBe(false);
    expect(vault.secrets.entries('creds')).toEqual([]);
    expect(prepare('connect').config.auth.creds.me).toBeUndefined();
  });

  it('begin anew with each login, without keys of the one before', async () => {
    const first = prepare('login');
    await first.config.auth.keys.set({ 'lid-mapping': { 49: '100' } });
    first.detach();
    const second = prepare('login').config.auth;
    expect(await second.keys.get('lid-mapping', ['49'])).toEqual({});
    expect(second.creds.noiseKey).not.toEqual(first.config.auth.creds.noiseKey);
  });

  it('and everything else are gone when the account is forgotten', () => {
    update(prepare('login'), signed);
    inbox.forget();
    expect(inbox.isLinked()).toBe(false);
    expect(vault.secrets.entries('creds')).toEqual([]);
  });
});

describe('keys', () => {
  it('come back as they went in, bytes as buffers, and only those that are there', async () => {
    const { keys } = prepare('login').config.auth;
    const pair = baileys.Curve.generateKeyPair();
    await keys.set({ 'pre-key': { 1: pair }, 'device-list': { 49: ['0', '7'] } });
    const found = await keys.get('pre-key', ['1', '2']);
    expect(Object.keys(found)).toEqual(['1']);
    expect(Buffer.isBuffer(found['1']?.private)).toBe(true);
    expect(found['1']).toEqual(pair);
    expect(await keys.get('device-list', ['49'])).toEqual({ 49: ['0', '7'] });
  });

  it('are written in one transaction, all or none', async () => {
    const { keys } = prepare('login').config.auth;
    const before = vault.commits;
    await keys.set({ 'lid-mapping': { 1: 'a', 2: 'b' }, 'device-list': { 3: ['0'] } });
    expect(vault.commits).toBe(before + 1);
    vault.beforeCommit = () => {
      throw new Error('full');
    };
    expect(() => keys.set({ 'lid-mapping': { 1: null, 4: 'd' } })).toThrow('could not be written');
    vault.beforeCommit = undefined;
    expect(await keys.get('lid-mapping', ['1', '4'])).toEqual({ 1: 'a' });
  });

  it('of a socket that has ended can no longer be written', async () => {
    const old = prepare('login');
    await old.config.auth.keys.set({ 'lid-mapping': { 1: 'a' } });
    old.detach();
    expect(() => old.config.auth.keys.set({ 'lid-mapping': { 1: 'z' } })).toThrow();
    expect(await prepare('connect').config.auth.keys.get('lid-mapping', ['1'])).toEqual({ 1: 'a' });
  });
});
