export type { ChildInit } from './child-init.ts';
export { ForkedHost } from './forked-host.ts';
export { InlineHost } from './inline-host.ts';
export type { LoadableConnector } from './load-connector.ts';
export { loadConnector } from './load-connector.ts';
export { serveChild } from './serve-child.ts';
export type { RuntimeParts } from './session-runtime.ts';
