import type { RouteOptions } from 'fastify';
import { z } from 'zod';
import type { DocumentedRoute } from './openapi/operation.ts';
import { unsafeMethods } from './openapi/operation.ts';
import { publicPaths } from './route-doc.ts';

/** Every route of the server. Refuses one without a declared access, so that none can be forgotten. */
export class RouteRegistry {
  readonly #routes: DocumentedRoute[] = [];
  readonly #allowed: readonly string[];

  constructor(deps: { metricsPublic: boolean }) {
    this.#allowed = deps.metricsPublic ? [...publicPaths, '/metrics'] : publicPaths;
  }

  /** fastify's onRoute hook. */
  add(route: RouteOptions): void {
    const doc = route.config?.doc;
    if (doc === undefined) throw new Error(`route ${route.url} has no description`);
    if (doc.access === 'public' && !this.#allowed.includes(route.url)) {
      throw new Error(`route ${route.url} must not be public`);
    }
    const methods = Array.isArray(route.method) ? route.method : [route.method];
    for (const method of methods) {
      if (method === 'HEAD') continue;
      if (unsafeMethods.includes(method) === (doc.idempotency === 'none')) {
        throw new Error(`route ${method} ${route.url} has the wrong idempotency`);
      }
      this.#routes.push({
        method,
        url: route.url,
        doc,
        body: zodOf(route.schema?.body),
        query: zodOf(route.schema?.querystring),
        params: zodOf(route.schema?.params),
      });
    }
  }

  all(): readonly DocumentedRoute[] {
    return this.#routes;
  }

  /** Methods known for a path, for the answer to a wrong one. */
  methodsAt(path: string): readonly string[] {
    return this.#routes.filter((route) => patternOf(route.url).test(path)).map((route) => route.method);
  }
}

function patternOf(url: string): RegExp {
  return new RegExp(`^${url.replace(/[.]/g, '\\.').replace(/:\w+/g, '[^/]+')}$`);
}

function zodOf(schema: unknown): z.ZodType | undefined {
  return schema instanceof z.ZodType ? schema : undefined;
}
