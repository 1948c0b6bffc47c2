import type { ClientVersion, VersionSource } from '../../src/connector-api/index.ts';
import type { WhatsAppConfig } from './config.ts';

/** The three numbers of `ClientPayload.userAgent.appVersion`. */
export type VersionNumbers = [major: number, minor: number, revision: number];

/**
 * Client revisions of WhatsApp Web, newest first: the constants of Baileys 7.0.0-rc14 and of releases before it. Changing
 * the version needs no new link; a refused one is answered with failure 405 right after the handshake.
 */
const SHIPPED_VERSIONS = ['2.3000.1043857760'] as const satisfies readonly [ClientVersion, ...ClientVersion[]];

const formatVersion = (numbers: readonly number[]): ClientVersion => numbers.join('.');

/** Versions that a session may announce, newest first. Configured ones replace the shipped ones. */
export const versionSource: VersionSource<WhatsAppConfig> = {
  known(config) {
    const [first, ...rest] = config.versions ?? [];
    return first === undefined ? SHIPPED_VERSIONS : [formatVersion(first), ...rest.map(formatVersion)];
  },
};

/** `2.3000.1043857760` as Baileys wants it; undefined when the text is no version. */
export function parseVersion(version: ClientVersion): VersionNumbers | undefined {
  const [major, minor, revision, more] = version.split('.').map(Number);
  const isPart = (part: number | undefined): part is number => Number.isSafeInteger(part);
  return isPart(major) && isPart(minor) && isPart(revision) && more === undefined
    ? [major, minor, revision]
    : undefined;
}
