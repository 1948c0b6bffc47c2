import { createRequire } from 'node:module';

/** The shipped composition root of a child: one folder above this file, with the same ending: .ts in the sources, .js when compiled. */
export function shippedChild(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? '../child.ts' : '../child.js', import.meta.url);
}

/** What Node needs to run it. */
export function execArgvFor(module: URL): readonly string[] {
  if (!module.pathname.endsWith('.ts')) return [];
  return ['--import', createRequire(import.meta.url).resolve('tsx')];
}
