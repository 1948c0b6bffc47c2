export type { ChildInit } from './child-init.ts';
export type { ForkedHostDeps } from './forked-host.ts';
export { DEFAULT_MAX_SESSIONS_PER_CHILD, ForkedHost } from './forked-host.ts';
export { InlineHost } from './inline-host.ts';
export type { LoadableConnector } from './load-connector.ts';
export { loadConnector } from './load-connector.ts';
export type { ClosableVault } from './runtime-session.ts';
export { serveChild } from './serve-child.ts';
export type { RuntimeParts } from './session-runtime.ts';
