import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Message } from '../../src/engine/model/message.ts';
import { LinkedDaemon } from '../support/linked-daemon.ts';
import { missing } from '../support/programs.ts';

const SESSION = 'front-desk';
const DISK = 'size=24m';
const CHUNK = Buffer.alloc(65_536, 1);
const LONGER_BODY = 'x'.repeat(3_000);

function mountDisk(path: string): boolean {
  mkdirSync(path);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', DISK, 'tmpfs', path], { stdio: 'ignore' });
    return true;
  } catch {
    missing('the right to mount a small disk');
    return false;
  }
}

describe('a full disk under store, vault and media at once', { timeout: 90_000 }, () => {
  const house = new LinkedDaemon();
  const disk = join(house.dir.path, 'disk');
  const filler = join(disk, 'filler');
  const isMounted = mountDisk(disk);

  beforeAll(async () => {
    if (!isMounted) return;
    await house.start(
      'store: { url: "sqlite:./disk/bellhop.db" }\nsessions: { dir: ./disk/sessions }\nmedia: { dir: ./disk/media }\n',
    );
    await house.link(SESSION);
  }, 60_000);
  afterAll(async () => {
    await house.daemon.end('SIGKILL');
    if (isMounted) execFileSync('umount', ['-l', disk]);
    await house.end();
  });

  const post = () =>
    house.api.post<Message & { code: string }>('/v1/messages', {
      channel: 'whatsapp',
      to: '+491713920010',
      session: SESSION,
      body: LONGER_BODY,
      basis: { reservation: 'R-1', consent: 'asked at booking' },
    });

  it.skipIf(!isMounted)('refuses what it cannot keep, loses nothing, and heals by itself', async () => {
    await house.sandbox.say('katrin', 'before');
    await house.until(async () => ((await house.received()).includes('before') ? true : undefined));
    try {
      for (;;) writeFileSync(filler, CHUNK, { flag: 'a' });
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOSPC' });
    }
    const refused = await house.until(async () => {
      const answer = await post();
      return answer.status === 202 ? undefined : answer;
    });
    expect(refused).toMatchObject({ status: 503, body: { code: 'store_full' } });
    await house.sandbox.say('katrin', 'during');
    expect((await post()).body.code).toBe('store_full');
    rmSync(filler);
    await house.until(async () => ((await house.received()).includes('during') ? true : undefined));
    await house.until(async () => ((await post()).status === 202 ? true : undefined));
    await house.session(SESSION, ({ state }) => state === 'connected');
    expect((await house.received()).filter((body) => body === 'during')).toHaveLength(1);
  });
});
