import { connectors } from '../../connectors/registry.ts';
import type { Config } from '../config/schema.ts';
import { BellhopError } from '../core/errors.ts';
import type { PacingSettings } from '../engine/pacing/governor.ts';
import { rulesOf } from './pacing-rules.ts';

/**
 * Without pacing a number is banned within minutes, so it can be off only for channels whose network's own servers are out of reach: all
 * others are paced whatever the configuration says.
 */
export function choosePacing(config: Config, isSandbox: boolean): PacingSettings {
  const unpaced = new Set(
    connectors.map(({ manifest }) => manifest.channel).filter((channel) => isPrivate(config, channel)),
  );
  if (config.pacing.mode === 'off' && unpaced.size === 0) {
    throw new BellhopError('config_invalid', {
      detail:
        'pacing.mode: "off" is for private endpoints only, and no channel has one. A private endpoint has keys of its own: `trustedRoots` for whatsapp, `serverKeys` for telegram.',
    });
  }
  const isPaced = (channel: string): boolean => config.pacing.mode === 'human' || !unpaced.has(channel);
  const telling = new Set(
    connectors.flatMap(({ manifest }) => (manifest.tellsDelivery === true ? manifest.channel : [])),
  );
  const tellsDelivery = (channel: string): boolean => telling.has(channel);
  const rules = rulesOf(config.pacing);
  // Whoever tries it out at night wants to see something go out; its guests never sleep.
  return { rules: isSandbox ? { ...rules, quietHours: { from: 0, to: 0 } } : rules, isPaced, tellsDelivery };
}

function isPrivate(config: Config, channel: string): boolean {
  const manifest = connectors.find((each) => each.manifest.channel === channel)?.manifest;
  return manifest?.isPrivateEndpoint(config.channels[channel]) === true;
}

/** What the configuration says about the sessions of a channel. */
export function sessionFacts(
  config: Config,
  channel: string,
): { pacingMode: string; versions: readonly string[]; wanted: string | null } {
  const manifest = connectors.find((each) => each.manifest.channel === channel)?.manifest;
  const pacingMode = config.pacing.mode === 'off' && isPrivate(config, channel) ? 'off' : 'human';
  const versions = manifest?.clientVersions?.(config.channels[channel]) ?? [];
  return { pacingMode, versions, wanted: versions[0] ?? null };
}
