export type { Engine, EngineDeps } from './engine.ts';
export { createEngine } from './engine.ts';
export type * from './engine-api.ts';
export { offPacer, SimplePacer } from './simple-pacer.ts';
