import { readFileSync } from 'node:fs';
import { systemClock } from '../src/core/clock.ts';
import { isRecord } from '../src/core/json.ts';
import { silentLogger } from '../src/core/logger.ts';
import { systemRandom } from '../src/core/random.ts';
import { buildHttpApp } from '../src/http/http-app.ts';
import type { HttpDeps } from '../src/http/http-deps.ts';

/** Text of docs/reference/openapi.json: the description that a running daemon serves at /openapi.json. */
export async function renderOpenApi(): Promise<string> {
  const ports = neverCalled();
  const app = await buildHttpApp({
    engine: ports.engine,
    store: ports.store,
    media: ports.media,
    targets: ports.targets,
    processes: ports.processes,
    metrics: async () => '',
    health: async () => ({ ready: false, checks: [] }),
    config: {
      host: '127.0.0.1',
      port: 0,
      bodyLimitBytes: 1_024,
      maxConnections: 1,
      rateLimit: { max: 1, windowSeconds: 1 },
      metricsPublic: false,
      mediaLimitBytes: 1_024,
    },
    knownKeys: [],
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
    version: readVersion(),
  });
  const text = `${JSON.stringify(app.describe(), null, 2)}\n`;
  await app.server.close();
  return text;
}

type Ports = Pick<HttpDeps, 'engine' | 'store' | 'media' | 'targets' | 'processes'>;

/** Routes are registered and described, none is asked: whatever a route takes from here at registration is such a thing again. */
function neverCalled(): Ports {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- stands for any port, because nothing of it is ever called
  return new Proxy({}, { get: neverCalled }) as Ports;
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return isRecord(manifest) && typeof manifest['version'] === 'string' ? manifest['version'] : '0.0.0';
}
