import fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import type { RouteDoc } from '../../../src/http/route-doc.ts';
import { RouteRegistry } from '../../../src/http/route-registry.ts';

const doc: RouteDoc = {
  operationId: 'x',
  tag: 'Operation',
  summary: 'x',
  access: 'admin',
  idempotency: 'none',
  answers: { 200: { description: 'x' } },
};

function register(
  method: 'GET' | 'POST',
  url: string,
  config: { doc?: RouteDoc },
  metricsPublic = false,
): RouteRegistry {
  const registry = new RouteRegistry({ metricsPublic });
  const app = fastify();
  app.addHook('onRoute', (route) => registry.add(route));
  app.route({ method, url, config, handler: async () => 'x' });
  return registry;
}

describe('a route', () => {
  it('is refused without a declared access', () => {
    expect(() => register('GET', '/v1/forgotten', {})).toThrow('no description');
  });

  it('is refused when it is public and not on the list', () => {
    expect(() => register('GET', '/v1/open', { doc: { ...doc, access: 'public' } })).toThrow('must not be public');
    expect(() => register('GET', '/metrics', { doc: { ...doc, access: 'public' } })).toThrow('must not be public');
    expect(() => register('GET', '/metrics', { doc: { ...doc, access: 'public' } }, true)).not.toThrow();
    expect(() => register('GET', '/healthz', { doc: { ...doc, access: 'public' } })).not.toThrow();
  });

  it('is refused when it is unsafe and honours no idempotency key, or the reverse', () => {
    expect(() => register('POST', '/v1/x', { doc })).toThrow('wrong idempotency');
    expect(() => register('GET', '/v1/x', { doc: { ...doc, idempotency: 'hook' } })).toThrow('wrong idempotency');
  });

  it('is found by its path, whatever the method', () => {
    const registry = register('GET', '/v1/x/:id', { doc });
    expect(registry.methodsAt('/v1/x/7')).toEqual(['GET']);
    expect(registry.methodsAt('/v1/x/7/y')).toEqual([]);
    expect(registry.methodsAt('/v1/x/')).toEqual([]);
  });
});
