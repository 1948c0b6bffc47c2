import { readFileSync } from 'node:fs';
import { systemClock } from '../src/core/clock.ts';
import { isRecord } from '../src/core/json.ts';
import { silentLogger } from '../src/core/logger.ts';
import { systemRandom } from '../src/core/random.ts';
import type { EngineApi } from '../src/engine/engine-api.ts';
import type { MediaStore, Store, TargetGuard } from '../src/engine/ports/index.ts';
import { buildHttpApp } from '../src/http/http-app.ts';

/** Text of docs/reference/openapi.json: the description that a running daemon serves at /openapi.json. */
export async function renderOpenApi(): Promise<string> {
  const app = await buildHttpApp({
    engine: neverCalled<EngineApi>(),
    store: neverCalled<Store>(),
    media: neverCalled<MediaStore>(),
    targets: neverCalled<TargetGuard>(),
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

/** Routes are registered and described, none is asked; whatever a route takes from here at registration is such a thing again. */
function neverCalled<T extends object>(): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- stands for any port, because nothing of it is ever called
  return new Proxy({}, { get: () => neverCalled() }) as T;
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return isRecord(manifest) && typeof manifest['version'] === 'string' ? manifest['version'] : '0.0.0';
}
