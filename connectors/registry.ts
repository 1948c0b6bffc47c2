import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Connector, ConnectorManifest } from '../src/connector-api/index.ts';
import { BellhopError } from '../src/core/errors.ts';
import { manifest as telegram } from './telegram/manifest.ts';
import { manifest as whatsapp } from './whatsapp/manifest.ts';
import { manifest as xmpp } from './xmpp/manifest.ts';

/** A channel that this build knows. The manifest is at hand; the connector and its library are loaded on demand. */
export interface RegisteredConnector {
  readonly manifest: ConnectorManifest;
  /** Called in the child when the first session of the channel opens. Rejects with `connector_missing` where the library is not installed. */
  load(): Promise<{ readonly connector: Connector<unknown> }>;
}

/** Every channel, in the order in which people are shown them. Only the composition roots know this list. */
export const connectors: readonly RegisteredConnector[] = [
  {
    manifest: whatsapp,
    load: async () => {
      requireLibrary(whatsapp);
      return import('./whatsapp/connector.ts');
    },
  },
  {
    manifest: telegram,
    load: async () => {
      requireLibrary(telegram);
      return import('./telegram/connector.ts');
    },
  },
  {
    manifest: xmpp,
    load: async () => {
      requireLibrary(xmpp);
      return import('./xmpp/connector.ts');
    },
  },
];

/** The connector of a channel, or undefined where there is none. */
export function findConnector(channel: string): RegisteredConnector | undefined {
  return connectors.find((entry) => entry.manifest.channel === channel);
}

/** Only looks whether the package is there: connectors load their libraries themselves, when a session first needs them. */
function requireLibrary({ library, alternativeLibraries = [] }: ConnectorManifest): void {
  const folders = createRequire(import.meta.url).resolve.paths(library) ?? [];
  const isInstalled = (name: string): boolean =>
    folders.some((folder) => existsSync(join(folder, name, 'package.json')));
  if ([library, ...alternativeLibraries].some(isInstalled)) return;
  throw new BellhopError('connector_missing', { detail: `npm install ${library}` });
}
