export type { Address, Chat, Person } from './address.ts';
export type { Capabilities } from './capabilities.ts';
export type { ClientVersion } from './client-version.ts';
export type { Connector, SessionContext, VersionSource } from './connector.ts';
export * from './content.ts';
export * from './disconnect.ts';
export * from './errors.ts';
export type { ConnectorEvent, ConnectorEventType } from './events.ts';
export * from './guards.ts';
export type * from './liveness.ts';
export type { Account, LoginField, LoginFieldId, LoginFlow, LoginProcess, LoginStep } from './login.ts';
export { loginFieldIds } from './login.ts';
export type { AddressReading, ConnectorManifest } from './manifest.ts';
export type { MediaPort } from './media-port.ts';
export { MediaTooLargeError } from './media-port.ts';
export type {
  InboundMessage,
  MessageReference,
  OutboundMessage,
  Receipt,
  ReceiptStatus,
  SendResult,
} from './messages.ts';
export type * from './session.ts';
export type { SessionVault, SpoolEntry, VaultCursor, VaultSecrets, VaultSpool } from './vault.ts';
