import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeWorkingDir, ProductProcess } from '../support/daemon-process.ts';

/** With a config.yaml: a network of its own process, a daemon that points at it, and the command that links. */
describe('linking from the command line', { timeout: 60_000 }, () => {
  const dir = makeWorkingDir();
  const networkDir = join(dir.path, 'network');
  let network: ProductProcess;
  let daemon: ProductProcess;
  let controlUrl = '';

  beforeAll(async () => {
    mkdirSync(networkDir);
    network = new ProductProcess({ cwd: networkDir, args: ['sandbox', '--silent-guests', '--json'] });
    const ready = JSON.parse((await network.find(/^\{"type":"ready".*\}$/m))[0]) as {
      address: { endpoint: string; trustedRoots: string[]; caFile: string; controlUrl: string };
    };
    controlUrl = ready.address.controlUrl;
    const { endpoint, trustedRoots, caFile } = ready.address;
    writeFileSync(
      join(dir.path, 'config.yaml'),
      `channels:\n  whatsapp: ${JSON.stringify({ endpoint, trustedRoots, caFile })}\n`,
    );
    daemon = new ProductProcess({ cwd: dir.path, args: ['start'] });
    await daemon.find(/is running/);
  }, 60_000);

  afterAll(async () => {
    await daemon.end('SIGKILL');
    await network.end('SIGKILL');
    dir.remove();
  });

  it('shows a QR code, waits for the phone, and says who is linked', async () => {
    const link = new ProductProcess({ cwd: dir.path, args: ['link', 'whatsapp', '--session', 'front-desk', '--json'] });
    const step = JSON.parse((await link.find(/^\{.*"step":"scan_qr".*\}$/m))[0]) as { qr: string };
    const scanned = await fetch(`${controlUrl}/phone/scan`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ qr: step.qr }),
    });
    expect(scanned.status).toBe(200);
    const result = await link.ended;
    expect(result.code).toBe(0);
    expect(result.stdout).toContain('"step":"done"');
  });

  it('refuses to link over a link, with the reason', async () => {
    const link = new ProductProcess({ cwd: dir.path, args: ['link', 'whatsapp', '--session', 'front-desk'] });
    await expect(link.ended).resolves.toMatchObject({
      code: 4,
      stderr: expect.stringContaining('session_not_linkable'),
    });
  });

  it('draws the code for a terminal', async () => {
    const link = new ProductProcess({ cwd: dir.path, args: ['link', 'whatsapp', '--session', 'back-office'] });
    await link.find(/▄▄▄▄▄▄▄/);
    await link.find(/Linked devices/);
    await link.end('SIGTERM');
  });
});
