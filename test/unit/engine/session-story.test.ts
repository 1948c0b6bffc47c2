import { beforeEach, describe, expect, it } from 'vitest';
import type { DisconnectCause } from '../../../src/connector-api/index.ts';
import type { LogFields, Logger } from '../../../src/core/logger.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { decide } from '../../../src/engine/reconnect-policy.ts';
import { SessionStory } from '../../../src/engine/session-story.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const lost: DisconnectCause = { kind: 'network', code: 'fake_lost', nativeCode: '428', detail: 'The line broke.' };
const refused: DisconnectCause = { kind: 'network', code: 'fake_refused', detail: 'A proxy refused it.' };

describe('the log of a session, read in the middle of the night', () => {
  let clock: VirtualClock;
  let story: SessionStory;
  let lines: { readonly level: string; readonly text: string; readonly fields: LogFields }[];

  beforeEach(() => {
    clock = new VirtualClock();
    lines = [];
    const at =
      (level: string) =>
      (text: string, fields: LogFields = {}): void =>
        void lines.push({ level, text, fields });
    const log: Logger = {
      trace: at('trace'),
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: () => log,
    };
    story = new SessionStory({ log, clock, session: { id: 'front-desk', channel: 'whatsapp' } });
  });

  const end = (cause: DisconnectCause, failures: number, heldMs?: number, isQuiet = false): void => {
    const decision = decide({ failures }, cause, clock.now(), seededRandom(1));
    story.ended({ cause, decision, heldMs, isQuiet });
  };
  const told = (): string[] => lines.map(({ level, text }) => `${level}: ${text}`);

  it('tells when it began and why, each new cause, and that it is over after how long', async () => {
    story.connected({ version: '3' });
    end(lost, 1, 7_200_000);
    await clock.advance(2_000);
    for (const failures of [2, 3, 4]) {
      end(refused, failures);
      await clock.advance(10_000);
    }
    story.connected({ version: '3' });
    expect(told()).toEqual([
      'info: session connected',
      'warn: session lost its connection',
      'warn: session could not connect',
      'info: session could not connect',
      'info: session could not connect',
      'info: session is connected again',
    ]);
    expect(lines[1]?.fields).toMatchObject({
      session: 'front-desk',
      channel: 'whatsapp',
      code: 'fake_lost',
      nativeCode: '428',
      happened: 'The line broke.',
      heldForSeconds: 7_200,
      nextAttemptInSeconds: 1,
    });
    expect(lines[2]?.fields).toMatchObject({ attempt: 1, happened: 'A proxy refused it.' });
    expect(lines[3]?.fields).toMatchObject({ attempt: 2, downForSeconds: 12, code: 'fake_refused' });
    expect(lines[3]?.fields).not.toHaveProperty('happened'); // said once
    expect(lines[5]?.fields).toMatchObject({ downForSeconds: 32, attempts: 4 });
  });

  it('says what a person must do, as an error, when Bellhop can do nothing more alone', () => {
    end({ kind: 'logged_out', code: 'fake_401' }, 1, 60_000);
    expect(told()).toEqual(['error: session stays down until a person acts']);
    expect(lines[0]?.fields).toMatchObject({ action: 'relink', remedy: expect.stringContaining('bellhop link') });
    story.connected({ version: '3' });
    expect(told().at(-1)).toBe('info: session connected');
  });

  it('says beside an attempt what a person may do about it', () => {
    end({ kind: 'restricted', code: 'fake_402', retryAfterMs: 3_600_000 }, 1, 60_000);
    expect(lines[0]).toMatchObject({ level: 'warn', fields: { action: 'wait', remedy: expect.any(String) } });
    expect(Number(lines[0]?.fields['nextAttemptInSeconds'])).toBeGreaterThanOrEqual(3_600);
  });

  it('does not alarm about a precaution, nor about a fresh connection that the network asks for', () => {
    end(lost, 1, 60_000, true);
    story.forget();
    end({ kind: 'restart_required', code: 'fake_515' }, 1, 60_000);
    expect(lines.map(({ level }) => level)).toEqual(['info', 'info']);
  });
});
