import type { ClientVersion, VersionSource } from '../../src/connector-api/index.ts';
import type { WhatsAppConfig } from './config.ts';

/** The three numbers of `ClientPayload.userAgent.appVersion`. */
export type VersionNumbers = [major: number, minor: number, revision: number];

/**
 * Client revisions of WhatsApp Web, newest first: the constant of Baileys 7.0.0-rc14, and the one before it
 * (WhiskeySockets/Baileys pull request 2621, June 2026). Changing the version needs no new link; a refused one is answered
 * with failure 405 right after the handshake. Newer ones come by the configuration.
 */
export const SHIPPED_VERSIONS = ['2.3000.1043857760', '2.3000.1040498702'] as const satisfies readonly [
  ClientVersion,
  ...ClientVersion[],
];

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
