import { initAuthCreds } from '@whiskeysockets/baileys'; // too early, as a careless import somewhere would be
import { expect, it, vi } from 'vitest';
import { loadBaileys } from '../baileys.ts';

it('refuses to run when the library was imported before its curve', async () => {
  vi.spyOn(console, 'info').mockReturnValue();
  expect(initAuthCreds().noiseKey).toBeDefined();
  await expect(loadBaileys()).rejects.toMatchObject({
    code: 'internal_error',
    detail: expect.stringContaining('imported before its curve') as string,
  });
});
