import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { outliveReaders } from '../../../src/cli/terminal.ts';

describe('a stream that is written for somebody', () => {
  const failWith = (code: string) => () => {
    const stream = new PassThrough();
    outliveReaders([stream]);
    stream.emit('error', Object.assign(new Error('write'), { code }));
  };

  it('may lose its reader', () => {
    expect(failWith('EPIPE')).not.toThrow();
  });

  it('does not hide another failure', () => {
    expect(failWith('EIO')).toThrow('write');
  });
});
