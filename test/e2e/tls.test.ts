import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueLoopbackCertificate } from '../../connectors/whatsapp/simulator/people/certificate-authority.ts';
import { DaemonProcess, makeWorkingDir, runCommand } from '../support/daemon-process.ts';

const KEY = 'bhk_for-the-test-of-serving-tls';
const CONFIG = `server: { tls: { cert: ./server.pem, key: ./server.key } }\nauth: { adminKey: ${KEY} }\n`;

/** The built product with a certificate of its own, without a proxy in front. */
describe('a daemon that serves TLS', { timeout: 60_000 }, () => {
  const dir = makeWorkingDir();
  const { caPem, certificatePem, privateKeyPem } = issueLoopbackCertificate();
  let daemon: DaemonProcess;

  const get = (url: string, ca?: string): Promise<{ status: number; hsts: unknown; body: string }> =>
    new Promise((resolve, reject) => {
      const asking = request(url, { ...(ca === undefined ? {} : { ca }), headers: { authorization: `Bearer ${KEY}` } });
      asking.once('error', reject);
      asking.once('response', (answer) => {
        let body = '';
        answer.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
        answer.once('end', () =>
          resolve({ status: answer.statusCode ?? 0, hsts: answer.headers['strict-transport-security'], body }),
        );
      });
      asking.end();
    });

  beforeAll(() => {
    writeFileSync(join(dir.path, 'server.pem'), certificatePem);
    writeFileSync(join(dir.path, 'server.key'), privateKeyPem);
    writeFileSync(join(dir.path, 'ca.pem'), caPem);
    writeFileSync(join(dir.path, 'config.yaml'), CONFIG);
    daemon = new DaemonProcess({ cwd: dir.path, env: { BELLHOP_PACING__MODE: 'human' } });
  });
  afterAll(async () => {
    await daemon.end('SIGKILL');
    dir.remove();
  });

  it('answers who trusts its certificate, and asks to be met this way from now on', async () => {
    const [, url] = await daemon.find(/API\s+(https:\S+)\/v1/);
    expect(await get(`${url}/v1/sessions`, caPem)).toMatchObject({
      status: 200,
      hsts: expect.stringContaining('max-age='),
      body: expect.stringContaining('"data":[]'),
    });
    await expect(get(`${url}/v1/sessions`)).rejects.toThrow(/certificate/);
  });

  it('is healthy by its own command, whoever vouches for its certificate, as long as it runs', async () => {
    expect(await runCommand(['health'], { cwd: dir.path })).toMatchObject({ code: 0 });
    const elsewhere = makeWorkingDir();
    expect(await runCommand(['health'], { cwd: elsewhere.path })).toMatchObject({ code: 3 });
    elsewhere.remove();
  });

  it('is found by the commands on the same machine', async () => {
    const env = { NODE_EXTRA_CA_CERTS: join(dir.path, 'ca.pem') };
    expect(await runCommand(['sessions'], { cwd: dir.path, env })).toMatchObject({ code: 0 });
  });

  it('is not healthy when it is stopped, or hangs', async () => {
    process.kill(daemon.pid, 'SIGSTOP');
    expect(await runCommand(['health'], { cwd: dir.path })).toMatchObject({ code: 3 });
    process.kill(daemon.pid, 'SIGCONT');
    await daemon.end('SIGKILL'); // leaves its address behind
    expect(await runCommand(['health'], { cwd: dir.path })).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('No daemon answers'),
    });
  });
});
