import { describe, expect, it } from 'vitest';
import { chosenRung, formatRung, parseRung, rungs, versionSource } from '../versions.ts';

describe('the ladder of versions', () => {
  it('has a rung for each shipped engine', () => {
    expect(versionSource.known({ deviceModel: 'x' })).toEqual(['mtcute/227/1.0.0', 'gramjs/198/1.0.0']);
  });

  it('follows the configured order, and names an engine once', () => {
    expect(rungs({ engines: ['gramjs', 'mtcute', 'gramjs'] }).map(({ engine }) => engine)).toEqual([
      'gramjs',
      'mtcute',
    ]);
    expect(rungs({ engines: ['gramjs'] })).toHaveLength(1);
  });

  it('takes the rung that a session is told, and the first one otherwise', () => {
    expect(chosenRung({}, 'gramjs/198/1.0.0').engine).toBe('gramjs');
    expect(chosenRung({}, undefined).engine).toBe('mtcute');
    expect(chosenRung({}, 'gramjs/150/1.0.0').engine).toBe('mtcute');
  });

  it('reads what it writes, with another app version too', () => {
    const rung = { engine: 'mtcute', layer: 227, appVersion: '1.2.0' } as const;
    expect(parseRung(formatRung(rung))).toEqual(rung);
  });

  it.each(['gramjs/199/1.0.0', 'tdlib/198/1.0.0', 'gramjs/198', '2.3000.1', 'gramjs/198/1 0'])(
    'knows no rung %s',
    (version) => {
      expect(parseRung(version)).toBeUndefined();
    },
  );
});
