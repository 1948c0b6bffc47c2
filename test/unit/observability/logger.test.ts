import { describe, expect, it } from 'vitest';
import { createLogger } from '../../../src/observability/pino-logger.ts';

function capture(format: 'json' | 'text'): { lines: string[]; log: ReturnType<typeof createLogger> } {
  const lines: string[] = [];
  return { lines, log: createLogger({ level: 'trace', format, write: (line) => void lines.push(line) }) };
}

describe('the log', () => {
  it('writes static text and facts as one JSON line', () => {
    const { lines, log } = capture('json');
    log.child({ session: 'front-desk' }).info('session connected', { attempt: 2 });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'info',
      session: 'front-desk',
      text: 'session connected',
      attempt: 2,
    });
  });

  it.each(['json', 'text'] as const)('never writes what is personal or secret (%s)', (format) => {
    const { lines, log } = capture(format);
    const error = new Error('no route to +4915112345678 or 4915112345678@s.whatsapp.net');
    log.error('send failed', {
      body: 'Breakfast at eight?',
      phone: '+4915112345678',
      error,
      detail: 'lid:123456789 via 1000123456@lid',
      qr: 'https://wa.me/x',
      url: 'https://pms.example/hook?token=abc',
      hint: 'whsec_c2VjcmV0c2VjcmV0 bhk_live_abcdef',
    });
    const text = lines.join('');
    for (const secret of [
      'Breakfast',
      '15112345678',
      '123456789',
      '1000123456',
      'token=abc',
      'c2VjcmV0',
      'bhk_live_abcdef',
      'wa.me',
    ]) {
      expect(text).not.toContain(secret);
    }
    expect(text).toContain('send failed');
  });

  it('keeps to its level', () => {
    const lines: string[] = [];
    const log = createLogger({ level: 'warn', format: 'json', write: (line) => void lines.push(line) });
    log.info('quiet');
    log.warn('loud');
    expect(lines).toHaveLength(1);
  });
});
