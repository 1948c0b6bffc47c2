import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { CommandContext } from '../../../src/cli/context.ts';
import { exitCodes } from '../../../src/cli/exit-codes.ts';
import { fitScreen, renderSessions } from '../../../src/cli/session-screen.ts';
import { CommandError } from '../../../src/cli/terminal.ts';
import { watchSessions } from '../../../src/cli/watch-sessions.ts';
import type { Session } from '../../../src/engine/model/session.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const NOW = Date.UTC(2026, 2, 4, 15, 0, 0);
const connected: Session = {
  id: 'front-desk',
  property: 'main',
  channel: 'whatsapp',
  account: { address: '+15551239999', displayName: 'Hotel Aurora', kind: null },
  state: 'connected',
  since: new Date(NOW - 7_200_000).toISOString(),
  unreachableSince: null,
  reason: null,
  liveness: null,
  limits: [],
  version: { current: '2.3000.1', wanted: '2.3000.1', ladder: [] },
  pacing: { mode: 'human', queued: 2, budgets: [], lanes: [], nextSendAt: null, waiting: [] },
  settings: {},
  lastInboundAt: new Date(NOW - 90_000).toISOString(),
  lastOutboundAt: null,
  createdAt: new Date(NOW - 90_000_000).toISOString(),
};
const lost: Session = {
  ...connected,
  state: 'backing_off',
  since: new Date(NOW - 4_000).toISOString(),
  unreachableSince: null,
  reason: {
    code: 'whatsapp_408_connection_lost',
    kind: 'network',
    nativeCode: '408',
    text: 'The line went silent or broke.',
    action: 'none',
    remedy: 'Bellhop connects again by itself; nothing to do.',
    retryAt: new Date(NOW + 9_000).toISOString(),
  },
};
const gone = new CommandError(exitCodes.unreachable, 'No daemon answers.');

/** Watches what `answers` give, one after the other, on a screen or through a pipe. */
async function watch(answers: readonly (Session[] | Error)[], options: { interactive: boolean; json?: boolean }) {
  const clock = new VirtualClock();
  const leaving = new AbortController();
  const [out, notes, screen]: [string[], string[], string[]] = [[], [], []];
  const context: CommandContext = {
    terminal: { out: (text) => out.push(text), note: (text) => notes.push(text), interactive: options.interactive },
    environment: {},
    workingDir: '/',
    options: { json: options.json === true },
  };
  const queue = [...answers];
  const watching = watchSessions({
    context,
    screen: { write: (text) => screen.push(text), size: () => ({ columns: 160, rows: 30 }) },
    clock,
    signal: leaving.signal,
    fetch: async () => {
      const next = queue.shift();
      if (queue.length === 0) leaving.abort();
      if (next instanceof Error) throw next;
      return next ?? [];
    },
  });
  const done = watching.then(
    () => null,
    (error: unknown) => error,
  );
  await clock.advance(answers.length * 1_000);
  return { out, notes, screen, failure: await done };
}

describe('watching sessions', () => {
  it('draws on a screen of its own, and gives the old one back', async () => {
    const { screen, out } = await watch([[connected], [lost]], { interactive: true });
    expect(screen[0]).toContain('\u001b[?1049h');
    expect(screen.at(-1)).toContain('\u001b[?1049l');
    expect(stripVTControlCharacters(screen[2] ?? '')).toContain(
      'front-desk: The line went silent or broke. Guests have not been reached for 5 s. Bellhop tries again in 8 s. Nothing to do.',
    );
    expect(out).toEqual([]);
  });

  it('goes on while no daemon answers, and says that what it shows is old', async () => {
    const { screen, failure } = await watch([[connected], gone, [connected]], { interactive: true });
    expect(failure).toBeNull();
    expect(stripVTControlCharacters(screen[2] ?? '')).toMatch(
      /No daemon answers\. What stands below is old\.[^]*front-desk/,
    );
    expect(stripVTControlCharacters(screen[3] ?? '')).not.toContain('old');
  });

  it('gives the screen back before it fails', async () => {
    const { screen, failure } = await watch([[connected], new Error('revoked')], { interactive: true });
    expect(failure).toEqual(new Error('revoked'));
    expect(screen.at(-1)).toContain('\u001b[?1049l');
  });

  it('writes a line for each change into a pipe', async () => {
    const { out, screen } = await watch([[connected], [connected], [lost], [lost]], { interactive: false });
    expect(out.map((line) => line.split('  ')[2])).toEqual(['connected', 'backing_off']);
    expect(screen).toEqual([]);
  });

  it('writes each changed session as JSON, also on a terminal', async () => {
    const { out, notes } = await watch([[connected], gone, gone, [lost]], { interactive: true, json: true });
    expect(out.map((line): unknown => JSON.parse(line))).toEqual([connected, lost]);
    expect(notes).toEqual(['No daemon answers.']);
  });
});

describe('the table of sessions', () => {
  it('says how to begin where there is none', () => {
    expect(renderSessions([], NOW)).toContain('bellhop link whatsapp');
  });

  it('says nothing about what is well', () => {
    const lines = stripVTControlCharacters(renderSessions([connected], NOW)).split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/front-desk\s+whatsapp\s+connected\s+2 h\s+Hotel Aurora\s+2\s+1 min ago\s+2\.3000\.1/);
  });

  it('fits the window: sentences go on in the next line, and what is left out is told', () => {
    const text = renderSessions([lost, { ...lost, id: 'spa' }], NOW);
    const narrow = stripVTControlCharacters(fitScreen(text, { columns: 50, rows: 40 })).split('\n');
    expect(Math.max(...narrow.map((line) => line.length))).toBeLessThanOrEqual(50);
    expect(narrow.join(' ').replaceAll(/\s+/g, ' ')).toContain('Bellhop tries again in 9 s. Nothing to do.');
    const low = stripVTControlCharacters(fitScreen(text, { columns: 50, rows: 4 })).split('\n');
    expect(low).toHaveLength(4);
    expect(low[3]).toMatch(/^… \d+ more lines/);
  });
});
