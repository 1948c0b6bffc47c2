import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SimulationRequest } from '../../../src/cli/pacing.ts';
import { simulatePacing } from '../../../src/cli/pacing.ts';
import { CommandError } from '../../../src/cli/terminal.ts';

const request: SimulationRequest = { days: 2, rate: 60, seed: 1, weeks: 52, timeZone: 'Europe/Berlin', svg: undefined };

describe('bellhop pacing simulate', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bellhop-pacing-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const run = (changes: Partial<SimulationRequest>, json = false): string => {
    const lines: string[] = [];
    const terminal = { out: (text: string) => lines.push(text), note: () => undefined, interactive: false };
    simulatePacing(
      { terminal, environment: {}, workingDir: folder, options: json ? { json } : {} },
      { ...request, ...changes },
    );
    return lines.join('\n');
  };
  type Lane = 'reply' | 'service' | 'scheduled' | 'promotional';
  /** By hour of the local day, over all days. */
  const sentAt = (hours: (hour: number) => boolean, ...lanes: Lane[]): number => {
    const days = JSON.parse(run({}, true)) as { counts: Record<Lane, number>[] }[];
    const counted = days.flatMap(({ counts }) => counts.filter((_, hour) => hours(hour)));
    return counted.reduce((sum, counts) => sum + lanes.reduce((part, lane) => part + counts[lane], 0), 0);
  };
  const isNight = (hour: number): boolean => hour < 8 || hour >= 21;

  it('shows the same days for the same seed, and others for another', () => {
    expect(run({})).toBe(run({}));
    expect(run({ seed: 2 })).not.toBe(run({}));
  });

  it('sends what was handed over, but in the quiet hours nothing that no guest has asked for', () => {
    expect(sentAt(() => true, 'reply', 'service', 'scheduled', 'promotional')).toBeGreaterThan(90);
    expect(sentAt(isNight, 'service', 'scheduled', 'promotional')).toBe(0);
    expect(sentAt(isNight, 'reply')).toBeGreaterThan(0);
  });

  it('tells what is left and why, for a number that is too young for its guests', () => {
    expect(run({ weeks: 0, rate: 120 })).toMatch(
      /\d+ left, the first: Held until \w+ \d+ Jan, \d\d:\d\d: at most 15 messages in 24 hours go out that no guest has asked for/,
    );
  });

  it('draws a picture with a bar for what was sent', () => {
    run({ svg: 'week.svg' });
    const svg = readFileSync(join(folder, 'week.svg'), 'utf8');
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"[\s\S]*<\/svg>\n$/);
    expect(svg.match(/<rect/g)?.length).toBeGreaterThan(30);
    expect(svg).not.toContain('NaN');
  });

  it('says so where the picture cannot be written', () => {
    expect(() => run({ svg: 'no-such-folder/week.svg' })).toThrow(/could not be written/);
  });

  it('refuses a time zone that there is not, before it draws', () => {
    expect(() => run({ timeZone: 'Europe/Atlantis', svg: 'week.svg' })).toThrow(CommandError);
    expect(existsSync(join(folder, 'week.svg'))).toBe(false);
  });
});
