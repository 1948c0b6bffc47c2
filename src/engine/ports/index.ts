export type * from './alert-sink.ts';
export type * from './connector-host.ts';
export type * from './media-store.ts';
export type * from './pacer.ts';
export type * from './remote-media.ts';
export type * from './store/index.ts';
export type * from './target-guard.ts';
export type * from './telemetry.ts';
