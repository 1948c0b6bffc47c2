import type { AddressReading, ConnectorManifest } from '../connector-api/index.ts';
import type { Manifests } from './resolve-target.ts';

/** More guests than a hotel writes to in a day; a reading takes about 200 bytes. */
const MOST_READINGS = 2_000;

/**
 * The same manifests, but an address that was read lately is not read again: hotels write to the same guests all day, and to judge a
 * phone number by the numbering plans of the world costs a tenth of accepting a message.
 */
export function rememberAddresses(manifests: Manifests): Manifests {
  return new Map([...manifests].map(([channel, manifest]) => [channel, withReadings(manifest)]));
}

function withReadings(manifest: ConnectorManifest): ConnectorManifest {
  const readings = new Map<string, AddressReading>();
  return {
    ...manifest,
    parseAddress(text) {
      const known = readings.get(text);
      if (known !== undefined) return known;
      const reading = manifest.parseAddress(text);
      if (readings.size >= MOST_READINGS) readings.clear();
      readings.set(text, reading);
      return reading;
    },
  };
}
