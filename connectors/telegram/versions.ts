import type { ClientVersion, VersionSource } from '../../src/connector-api/index.ts';
import type { TelegramConfig } from './config.ts';
import type { EngineName } from './mtproto/client.ts';
import { engineNames } from './mtproto/client.ts';

/** The engines as shipped: the first is used while it works, the others are what a session can fall back to. Why this order: ADR 13. */
export const SHIPPED_ENGINES = ['mtcute', 'gramjs'] as const satisfies readonly [EngineName, ...EngineName[]];

/**
 * What each engine announces. The layer is the schema that its library ships, and cannot be told apart from it: another layer is
 * another engine. `appVersion` is what people see in their list of devices.
 */
const SHIPPED: Readonly<Record<EngineName, { readonly layer: number; readonly appVersion: string }>> = {
  gramjs: { layer: 198, appVersion: '1.0.0' },
  mtcute: { layer: 227, appVersion: '1.0.0' },
};

/** One rung of the ladder. */
export interface Rung {
  readonly engine: EngineName;
  readonly layer: number;
  readonly appVersion: string;
}

const RUNG = /^([a-z]+)\/(\d{1,4})\/([\w.]{1,32})$/;

const rungOf = (engine: EngineName): Rung => ({ engine, ...SHIPPED[engine] });

/** `<engine>/<layer>/<appVersion>`, e.g. `gramjs/198/1.0.0`. */
export const formatRung = ({ engine, layer, appVersion }: Rung): ClientVersion => `${engine}/${layer}/${appVersion}`;

/** Undefined when the text is no rung, or names an engine or a layer that this release does not have. */
export function parseRung(version: ClientVersion): Rung | undefined {
  const [, name, layer, appVersion] = RUNG.exec(version) ?? [];
  const engine = engineNames.find((known) => known === name);
  if (engine === undefined || appVersion === undefined || Number(layer) !== SHIPPED[engine].layer) return undefined;
  return { engine, layer: Number(layer), appVersion };
}

/** The rungs in the order in which they are tried. */
export function rungs(config: Pick<TelegramConfig, 'engines'>): readonly [Rung, ...Rung[]] {
  const [first, ...rest] = new Set(config.engines);
  if (first === undefined) return [rungOf(SHIPPED_ENGINES[0]), ...SHIPPED_ENGINES.slice(1).map(rungOf)];
  return [rungOf(first), ...rest.map(rungOf)];
}

/** What this release announces when nothing is configured, in the order in which it is tried. */
export const SHIPPED_VERSIONS: readonly ClientVersion[] = SHIPPED_ENGINES.map((engine) => formatRung(rungOf(engine)));

/** The rung that a session is told to use, else the first. */
export function chosenRung(config: Pick<TelegramConfig, 'engines'>, version: ClientVersion | undefined): Rung {
  return (version === undefined ? undefined : parseRung(version)) ?? rungs(config)[0];
}

export const versionSource: VersionSource<TelegramConfig> = {
  known(config) {
    const [first, ...rest] = rungs(config);
    return [formatRung(first), ...rest.map(formatRung)];
  },
};
