import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SessionVault } from '../../src/connector-api/index.ts';

/** What the suite needs of an implementation. */
export interface VaultUnderTest {
  readonly vault: SessionVault;
  /** Moves the clock that the vault was given. */
  advance(ms: number): Promise<void> | void;
  dispose(): void;
}

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'utf8'));
const text = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : Buffer.from(value).toString('utf8');

/** Every SessionVault behaves like this. Call it inside a test file, once for each implementation. */
export function vaultContract(name: string, make: () => VaultUnderTest): void {
  describe(`${name} keeps the contract of a session vault`, () => {
    let subject: VaultUnderTest;
    let vault: SessionVault;
    beforeEach(() => {
      subject = make();
      vault = subject.vault;
    });
    afterEach(() => subject.dispose());

    describe('secrets', () => {
      it('gives back the bytes it was given, whatever they are', () => {
        const value = Uint8Array.from({ length: 4096 }, (_, index) => index % 256);
        vault.secrets.set('keys', 'a', value);
        vault.secrets.set('keys', 'empty', new Uint8Array());
        expect(Uint8Array.from(vault.secrets.get('keys', 'a') ?? [])).toEqual(value);
        expect(vault.secrets.get('keys', 'empty')?.length).toBe(0);
        expect(vault.secrets.get('keys', 'b')).toBeUndefined();
      });

      it('keeps its own copy of what it is given and gives copies away', () => {
        const value = bytes('before');
        vault.secrets.set('keys', 'a', value);
        value.fill(0);
        vault.secrets.get('keys', 'a')?.fill(0);
        expect(text(vault.secrets.get('keys', 'a'))).toBe('before');
      });

      it('replaces a value and deletes it', () => {
        vault.secrets.set('keys', 'a', bytes('1'));
        vault.secrets.set('keys', 'a', bytes('2'));
        expect(text(vault.secrets.get('keys', 'a'))).toBe('2');
        vault.secrets.delete('keys', 'a');
        vault.secrets.delete('keys', 'a');
        expect(vault.secrets.get('keys', 'a')).toBeUndefined();
      });

      it('keeps namespaces apart, also where names run into each other', () => {
        vault.secrets.set('a', 'bc', bytes('1'));
        vault.secrets.set('ab', 'c', bytes('2'));
        vault.secrets.set('a', 'ü/../\u0000', bytes('3'));
        expect(text(vault.secrets.get('a', 'bc'))).toBe('1');
        expect(text(vault.secrets.get('ab', 'c'))).toBe('2');
        const entries = vault.secrets.entries('a').map(([name, value]) => [name, text(value)]);
        expect(entries.sort((left, right) => String(left[0]).localeCompare(String(right[0])))).toEqual([
          ['bc', '1'],
          ['ü/../\u0000', '3'],
        ]);
        expect(vault.secrets.entries('none')).toEqual([]);
      });

      it('forgets everything at clear, cursor and spool too, and works on afterwards', () => {
        vault.secrets.set('keys', 'a', bytes('1'));
        vault.cursor.set('pts', '5');
        vault.spool.put('m1', bytes('body'));
        vault.secrets.clear();
        expect(vault.secrets.entries('keys')).toEqual([]);
        expect(vault.cursor.get('pts')).toBeUndefined();
        expect(vault.spool.get('m1')).toBeUndefined();
        expect(vault.spool.depth()).toBe(0);
        vault.secrets.set('keys', 'a', bytes('2'));
        expect(text(vault.secrets.get('keys', 'a'))).toBe('2');
      });
    });

    describe('cursor', () => {
      it('keeps the last value of each name', () => {
        expect(vault.cursor.get('pts')).toBeUndefined();
        vault.cursor.set('pts', '1');
        vault.cursor.set('qts', '');
        vault.cursor.set('pts', '2');
        expect(vault.cursor.get('pts')).toBe('2');
        expect(vault.cursor.get('qts')).toBe('');
      });
    });

    describe('spool', () => {
      const pending = (limit = 100): readonly (string | undefined)[] =>
        vault.spool.pending(limit).map((entry) => `${entry.key}=${text(entry.body) ?? ''}`);

      it('hands out pending entries in order of arrival, as many as asked for', () => {
        for (const key of ['c', 'a', 'b']) vault.spool.put(key, bytes(key));
        expect(pending()).toEqual(['c=c', 'a=a', 'b=b']);
        expect(pending(2)).toEqual(['c=c', 'a=a']);
        expect(pending(0)).toEqual([]);
      });

      it('replaces the body of a pending entry in its place', () => {
        vault.spool.put('a', bytes('1'));
        vault.spool.put('b', bytes('1'));
        vault.spool.put('a', bytes('2'));
        expect(pending()).toEqual(['a=2', 'b=1']);
        expect(vault.spool.depth()).toBe(2);
      });

      it('keeps settled entries readable with both times, but no longer pending', async () => {
        vault.spool.put('a', bytes('1'));
        const putAt = vault.spool.get('a')?.putAt ?? 0;
        expect(vault.spool.get('a')?.settledAt).toBeUndefined();
        await subject.advance(1_000);
        vault.spool.settle('a');
        await subject.advance(1_000);
        vault.spool.settle('a');
        vault.spool.settle('never-put');
        expect(vault.spool.get('a')).toMatchObject({ key: 'a', putAt, settledAt: putAt + 1_000 });
        expect(text(vault.spool.get('a')?.body)).toBe('1');
        expect(pending()).toEqual([]);
        expect(vault.spool.depth()).toBe(0);
      });

      it('leaves another body behind when it settles with one, once', () => {
        vault.spool.put('a', bytes('words'));
        vault.spool.settle('a', bytes('gone'));
        vault.spool.settle('a', bytes('late'));
        expect(text(vault.spool.get('a')?.body)).toBe('gone');
        expect(vault.spool.depth()).toBe(0);
      });

      it('makes a settled key pending again when it is put again, at the end', () => {
        vault.spool.put('a', bytes('1'));
        vault.spool.put('b', bytes('1'));
        vault.spool.settle('a');
        vault.spool.put('a', bytes('2'));
        expect(pending()).toEqual(['b=1', 'a=2']);
        expect(vault.spool.get('a')?.settledAt).toBeUndefined();
      });

      it('prunes only what was settled before the time given', async () => {
        for (const key of ['old', 'young', 'open']) vault.spool.put(key, bytes(key));
        vault.spool.settle('old');
        await subject.advance(1_000);
        vault.spool.settle('young');
        const limit = vault.spool.get('young')?.settledAt ?? 0;
        expect(vault.spool.prune(limit)).toBe(1);
        expect(vault.spool.get('old')).toBeUndefined();
        expect(vault.spool.get('young')).toBeDefined();
        await subject.advance(1_000_000);
        expect(vault.spool.prune(limit + 1_000_000)).toBe(1);
        expect(pending()).toEqual(['open=open']);
      });

      it('deletes an entry in any state', () => {
        vault.spool.put('a', bytes('1'));
        vault.spool.put('b', bytes('1'));
        vault.spool.settle('b');
        for (const key of ['a', 'b', 'c']) vault.spool.delete(key);
        expect(vault.spool.get('a')).toBeUndefined();
        expect(vault.spool.get('b')).toBeUndefined();
      });
    });

    describe('transaction', () => {
      it('returns what the work returns and keeps all of it', () => {
        const result = vault.transaction(() => {
          vault.secrets.set('keys', 'a', bytes('1'));
          vault.cursor.set('pts', '1');
          vault.spool.put('m', bytes('1'));
          expect(text(vault.secrets.get('keys', 'a'))).toBe('1');
          return 42;
        });
        expect(result).toBe(42);
        expect(vault.cursor.get('pts')).toBe('1');
        expect(vault.spool.depth()).toBe(1);
      });

      it('undoes everything when the work throws, and passes the error on', () => {
        vault.secrets.set('keys', 'a', bytes('old'));
        vault.spool.put('m', bytes('old'));
        const failure = new Error('no');
        expect(() =>
          vault.transaction(() => {
            vault.secrets.set('keys', 'a', bytes('new'));
            vault.secrets.set('keys', 'b', bytes('new'));
            vault.cursor.set('pts', '1');
            vault.spool.settle('m');
            throw failure;
          }),
        ).toThrow(failure);
        expect(text(vault.secrets.get('keys', 'a'))).toBe('old');
        expect(vault.secrets.get('keys', 'b')).toBeUndefined();
        expect(vault.cursor.get('pts')).toBeUndefined();
        expect(vault.spool.depth()).toBe(1);
      });

      it('undoes a clear when the work throws', () => {
        vault.secrets.set('keys', 'a', bytes('old'));
        expect(() =>
          vault.transaction(() => {
            vault.secrets.clear();
            vault.secrets.set('keys', 'b', bytes('new'));
            throw new Error('no');
          }),
        ).toThrow('no');
        expect(text(vault.secrets.get('keys', 'a'))).toBe('old');
        expect(vault.secrets.get('keys', 'b')).toBeUndefined();
        vault.secrets.set('keys', 'c', bytes('works on'));
        expect(text(vault.secrets.get('keys', 'c'))).toBe('works on');
      });

      it('joins a nested call to the outer one', () => {
        expect(() =>
          vault.transaction(() => {
            vault.transaction(() => vault.secrets.set('keys', 'inner', bytes('1')));
            throw new Error('outer');
          }),
        ).toThrow('outer');
        expect(vault.secrets.get('keys', 'inner')).toBeUndefined();
      });

      it('fails as a whole when a nested call failed, even if its error was caught', () => {
        expect(() =>
          vault.transaction(() => {
            vault.secrets.set('keys', 'outer', bytes('1'));
            try {
              vault.transaction(() => {
                vault.secrets.set('keys', 'inner', bytes('1'));
                throw new Error('inner');
              });
            } catch {
              // half of the inner work must not become durable
            }
          }),
        ).toThrow();
        expect(vault.secrets.entries('keys')).toEqual([]);
        vault.transaction(() => vault.secrets.set('keys', 'next', bytes('1')));
        expect(text(vault.secrets.get('keys', 'next'))).toBe('1');
      });

      it('refuses asynchronous work and keeps nothing of it', () => {
        expect(() =>
          vault.transaction(async () => {
            vault.secrets.set('keys', 'a', bytes('1'));
          }),
        ).toThrow(TypeError);
        expect(vault.secrets.get('keys', 'a')).toBeUndefined();
      });
    });
  });
}
