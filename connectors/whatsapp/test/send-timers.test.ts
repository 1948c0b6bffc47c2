import { proto } from '@whiskeysockets/baileys';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryVault } from '../../../test/support/memory-vault.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { ChatTimers } from '../chat-timers.ts';

const { EPHEMERAL_SETTING, REVOKE } = proto.Message.ProtocolMessage.Type;
const DAY = 86_400;
const USERS = ['4915112345678', '100000000000001'];
let vault: MemoryVault;
let timers: ChatTimers;

beforeEach(() => {
  vault = new MemoryVault({ clock: new VirtualClock() });
  timers = new ChatTimers({ vault });
});

const says = (expiration?: number) => ({
  extendedTextMessage: { text: 'x', contextInfo: expiration === undefined ? {} : { expiration } },
});

describe('the timer of a chat', () => {
  it('is what its last message said, under both addresses, over a restart', () => {
    timers.learn(USERS, { ephemeralMessage: { message: says(DAY) } });
    const after = new ChatTimers({ vault });
    expect(USERS.map((user) => after.secondsOf(user))).toEqual([DAY, DAY]);
    after.learn(USERS, says());
    expect(after.secondsOf(USERS[0] ?? '')).toBeUndefined();
  });

  it('is gone with a bare text, and changed by a setting', () => {
    timers.learn(USERS, { protocolMessage: { type: EPHEMERAL_SETTING, ephemeralExpiration: 7 * DAY } });
    expect(timers.secondsOf(USERS[0] ?? '')).toBe(7 * DAY);
    timers.learn(USERS, { conversation: 'x' });
    expect(timers.secondsOf(USERS[0] ?? '')).toBeUndefined();
  });

  it('is not touched by what has none, nor written again when it stays', () => {
    timers.learn(USERS, says(DAY));
    const { commits } = vault;
    timers.learn(USERS, says(DAY));
    timers.learn(USERS, { reactionMessage: { text: '👍' } });
    timers.learn(USERS, { protocolMessage: { type: REVOKE } });
    expect(vault.commits).toBe(commits);
    expect(timers.secondsOf(USERS[1] ?? '')).toBe(DAY);
  });
});
