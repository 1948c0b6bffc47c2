import { describe, expect, it } from 'vitest';
import { SecretBox } from '../../../src/store/secret-box.ts';

const box = new SecretBox(new Uint8Array(32).fill(1));

describe('the secret box', () => {
  it('gives back what was sealed, each time under another nonce', () => {
    const sealed = box.seal('whk_1', 'whsec_ü');
    expect(box.open('whk_1', sealed)).toBe('whsec_ü');
    expect(Buffer.from(sealed).equals(Buffer.from(box.seal('whk_1', 'whsec_ü')))).toBe(false);
    expect(Buffer.from(sealed).includes('whsec')).toBe(false);
  });

  it('opens nothing for another key, another row or a changed bit', () => {
    const sealed = box.seal('whk_1', 'secret');
    const wrong = { code: 'vault_key_wrong' };
    expect(() => new SecretBox(new Uint8Array(32)).open('whk_1', sealed)).toThrow(expect.objectContaining(wrong));
    expect(() => box.open('whk_2', sealed)).toThrow(expect.objectContaining(wrong));
    for (let index = 0; index < sealed.length; index += 1) {
      const changed = Uint8Array.from(sealed);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(() => box.open('whk_1', changed)).toThrow(expect.objectContaining(wrong));
    }
    expect(() => box.open('whk_1', sealed.subarray(0, 20))).toThrow(expect.objectContaining(wrong));
  });
});
