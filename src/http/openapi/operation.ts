import type { z } from 'zod';
import { errorRegistry } from '../../core/error-registry.ts';
import { BellhopError, type ErrorCode } from '../../core/errors.ts';
import { isRecord } from '../../core/json.ts';
import { toProblem } from '../../core/problem.ts';
import type { Answer, RouteDoc } from '../route-doc.ts';
import { commonErrors, problem } from '../schemas/problem.ts';
import type { SchemaCollector, SchemaObject } from './json-schema.ts';

/** A route as it was registered. */
export interface DocumentedRoute {
  readonly method: string;
  readonly url: string;
  readonly doc: RouteDoc;
  readonly body: z.ZodType | undefined;
  readonly query: z.ZodType | undefined;
  readonly params: z.ZodType | undefined;
}

export const unsafeMethods: readonly string[] = ['POST', 'PUT', 'PATCH', 'DELETE'];

/** One operation object of the OpenAPI document. */
export function describeOperation(route: DocumentedRoute, schemas: SchemaCollector): SchemaObject {
  const { doc } = route;
  const parameters = [
    ...parametersOf(route.params, 'path', schemas),
    ...parametersOf(route.query, 'query', schemas),
    ...headersOf(route),
  ];
  const body = requestBody(route, schemas);
  return {
    operationId: doc.operationId,
    tags: [doc.tag],
    summary: doc.summary,
    ...(doc.description === undefined ? {} : { description: doc.description }),
    ...(doc.access === 'public' ? { security: [] } : { 'x-scope': doc.access }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: body }),
    responses: { ...answersOf(doc, schemas), ...problemsOf(route, schemas) },
  };
}

function parametersOf(
  schema: z.ZodType | undefined,
  place: 'path' | 'query',
  schemas: SchemaCollector,
): SchemaObject[] {
  if (schema === undefined) return [];
  const { properties, required } = schemas.add(schema, 'input');
  if (!isRecord(properties)) return [];
  const needed = new Set(Array.isArray(required) ? required : []);
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = isRecord(property) ? property : {};
    return {
      name,
      in: place,
      required: place === 'path' || needed.has(name),
      ...(description === undefined ? {} : { description }),
      schema: rest,
    };
  });
}

function headersOf(route: DocumentedRoute): SchemaObject[] {
  const names: SchemaObject[] = [];
  if (unsafeMethods.includes(route.method)) names.push({ $ref: '#/components/parameters/IdempotencyKey' });
  if (route.url === '/v1/events/stream') names.push({ $ref: '#/components/parameters/LastEventId' });
  return names;
}

function requestBody(route: DocumentedRoute, schemas: SchemaCollector): SchemaObject | undefined {
  if (route.doc.upload === true) {
    const file = { type: 'string', contentMediaType: 'application/octet-stream' };
    const schema = { type: 'object', properties: { file }, required: ['file'] };
    return { required: true, content: { 'multipart/form-data': { schema } } };
  }
  const body = route.doc.body ?? route.body;
  if (body === undefined) return undefined;
  return {
    required: !body.safeParse({}).success,
    content: {
      'application/json': {
        schema: schemas.add(body, 'input'),
        ...(route.doc.example === undefined ? {} : { example: route.doc.example }),
      },
    },
  };
}

function answersOf(doc: RouteDoc, schemas: SchemaCollector): SchemaObject {
  const entries = Object.entries(doc.answers).map(([status, answer]): [string, SchemaObject] => {
    const content = contentOf(answer, schemas);
    return [status, { description: answer.description, ...(Object.keys(content).length === 0 ? {} : { content }) }];
  });
  return Object.fromEntries(entries);
}

function contentOf(answer: Answer, schemas: SchemaCollector): SchemaObject {
  const pictures = (answer.types ?? []).map((type): [string, SchemaObject] => [
    type,
    { schema: type.startsWith('text/') ? { type: 'string' } : { type: 'string', contentMediaType: type } },
  ]);
  const json: [string, SchemaObject][] =
    answer.schema === undefined ? [] : [['application/json', { schema: schemas.add(answer.schema, 'output') }]];
  return Object.fromEntries([...json, ...pictures]);
}

/** One example for each code that a route may answer, for the components of the document. */
export function errorExamples(routes: readonly DocumentedRoute[]): Record<string, SchemaObject> {
  const codes = new Set(routes.flatMap((route) => errorsOf(route)));
  return Object.fromEntries(
    [...codes].map((code) => [code, { value: toProblem(new BellhopError(code), 'req_0f3c9a1be27d4') }]),
  );
}

/** Errors by status, each naming the codes that it may carry. */
function problemsOf(route: DocumentedRoute, schemas: SchemaCollector): SchemaObject {
  const schema = schemas.add(problem, 'output');
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of errorsOf(route)) {
    const { status } = errorRegistry[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const entries = [...byStatus]
    .filter(([status]) => route.doc.answers[status] === undefined)
    .toSorted(([one], [other]) => one - other)
    .map(([status, codes]): [string, SchemaObject] => [
      String(status),
      {
        description: codes.map((code) => `\`${code}\`: ${errorRegistry[code].title}`).join('\n\n'),
        content: {
          'application/problem+json': {
            schema,
            examples: Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
          },
        },
      },
    ]);
  return Object.fromEntries(entries);
}

function errorsOf(route: DocumentedRoute): readonly ErrorCode[] {
  const { doc } = route;
  const access: ErrorCode[] = doc.access === 'public' ? [] : ['unauthenticated', 'forbidden'];
  const isUnsafe = unsafeMethods.includes(route.method);
  const body: ErrorCode[] =
    isUnsafe && (doc.upload === true || route.body !== undefined)
      ? ['malformed_json', 'body_too_large', 'unsupported_media_type']
      : [];
  const repeats: ErrorCode[] = isUnsafe ? ['idempotency_key_reused', 'idempotency_in_progress'] : [];
  return [...new Set([...commonErrors, ...access, ...body, ...repeats, ...(doc.errors ?? [])])];
}
