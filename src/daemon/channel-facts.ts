import { connectors } from '../../connectors/registry.ts';
import type { Config } from '../config/schema.ts';
import { BellhopError } from '../core/errors.ts';
import type { Random } from '../core/random.ts';
import { pacerByChannel } from '../engine/channel-pacer.ts';
import type { Pacer } from '../engine/ports/index.ts';
import { SimplePacer } from '../engine/simple-pacer.ts';

/** Without pacing a number is banned within minutes, so it can be off only for channels whose network's own servers are out of reach. */
export function choosePacer(config: Config, random: Random): Pacer {
  if (config.pacing.mode === 'human') return new SimplePacer({ random });
  const unpaced = new Set(
    connectors.map(({ manifest }) => manifest.channel).filter((channel) => isPrivate(config, channel)),
  );
  if (unpaced.size === 0) {
    throw new BellhopError('config_invalid', {
      detail: 'pacing.mode: "off" is for private endpoints only, and no channel has one',
    });
  }
  return pacerByChannel(new SimplePacer({ random }), unpaced);
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
