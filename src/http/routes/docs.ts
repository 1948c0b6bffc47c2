import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { z } from 'zod';
import { BellhopError } from '../../core/errors.ts';
import type { OpenApiDocument } from '../openapi/build-document.ts';
import type { ApiServer } from '../route-doc.ts';

const require = createRequire(import.meta.url);
const ONE_HOUR = 'public, max-age=3600';

/** Swagger UI styles elements in place, hence `unsafe-inline` for styles; scripts come from here alone. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Bellhop API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="stylesheet" href="/docs/page.css">
</head>
<body>
<div id="api"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/page.js"></script>
</body>
</html>
`;

const PAGE_SCRIPT = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#api',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  persistAuthorization: false,
  tryItOutEnabled: true,
  validatorUrl: null,
});
`;

const PAGE_STYLE = `body { margin: 0; background: #fbfaf7; }
.swagger-ui .topbar { display: none; }
.swagger-ui .info { margin: 2rem 0 1rem; }
.swagger-ui .wrapper { max-width: 70rem; }
`;

const JS = 'text/javascript; charset=utf-8';
const CSS = 'text/css; charset=utf-8';
const ownAssets: ReadonlyMap<string, { type: string; content: string }> = new Map([
  ['page.js', { type: JS, content: PAGE_SCRIPT }],
  ['page.css', { type: CSS, content: PAGE_STYLE }],
]);
const packagedAssets: ReadonlyMap<string, string> = new Map([
  ['swagger-ui.css', CSS],
  ['swagger-ui-bundle.js', JS],
]);

const assetPath = z.object({ asset: z.string() });

/** The API description and a page to read and try it. The page's parts come from the installed package and work offline. */
export function docsRoutes(app: ApiServer, deps: { describe: () => OpenApiDocument }): void {
  let description: string | undefined;

  app.route({
    method: 'GET',
    url: '/openapi.json',
    config: {
      doc: {
        operationId: 'getDescription',
        tag: 'Operation',
        summary: 'This description',
        access: 'public',
        idempotency: 'none',
        answers: { 200: { description: 'OpenAPI 3.1.', schema: z.looseObject({ openapi: z.string() }) } },
      },
    },
    handler: async (_request, reply) => {
      description ??= JSON.stringify(deps.describe());
      return reply.header('content-type', 'application/json; charset=utf-8').send(description);
    },
  });

  app.route({
    method: 'GET',
    url: '/docs',
    config: {
      doc: {
        operationId: 'getDocs',
        tag: 'Operation',
        summary: 'A page to read and try the API',
        access: 'public',
        idempotency: 'none',
        answers: { 200: { description: 'The page.', types: ['text/html'] } },
      },
    },
    handler: async (_request, reply) =>
      reply
        .header('content-security-policy', PAGE_POLICY)
        .header('content-type', 'text/html; charset=utf-8')
        .send(PAGE),
  });

  app.route({
    method: 'GET',
    url: '/docs/:asset',
    schema: { params: assetPath },
    config: {
      doc: {
        operationId: 'getDocsAsset',
        tag: 'Operation',
        summary: 'Parts of the page',
        access: 'public',
        idempotency: 'none',
        hidden: true,
        answers: { 200: { description: 'A part.', types: ['text/css'] } },
        errors: ['not_found'],
      },
    },
    handler: async (request, reply) => {
      const { asset } = request.params;
      const own = ownAssets.get(asset);
      const type = own?.type ?? packagedAssets.get(asset);
      if (type === undefined) throw new BellhopError('not_found');
      reply.header('content-type', type).header('cache-control', ONE_HOUR);
      return reply.send(own?.content ?? createReadStream(packagedPath(asset)));
    },
  });
}

function packagedPath(asset: string): string {
  const home = path.dirname(require.resolve('@fastify/swagger-ui/package.json'));
  return path.join(home, 'static', asset);
}
