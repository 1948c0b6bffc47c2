import { z } from 'zod';
import { apiKeyId, propertyId, timestamp } from './primitives.ts';

/** What a key may do. `admin` includes every other. */
export const scopes = [
  'messages:send',
  'messages:read',
  'guests:read',
  'guests:write',
  'sessions:read',
  'sessions:admin',
  'webhooks:admin',
  'keys:admin',
  'metrics:read',
  'admin',
] as const;
export const scope = z.enum(scopes);
export type Scope = z.infer<typeof scope>;

export const apiKey = z
  .object({
    id: apiKeyId,
    name: z.string(),
    scopes: z.array(scope),
    property: propertyId.nullable().meta({ description: 'null = every property.' }),
    createdAt: timestamp,
    lastUsedAt: timestamp.nullable(),
    revokedAt: timestamp.nullable(),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof apiKey>;

/** Who makes a request. `property: null` sees every property. */
export interface Principal {
  readonly keyId: string;
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
  readonly property: string | null;
}

export const media = z
  .object({
    id: z.string(),
    property: propertyId,
    mimeType: z.string(),
    sizeBytes: z.int().nonnegative(),
    sha256: z.string(),
    filename: z.string().nullable(),
    createdAt: timestamp,
  })
  .meta({ id: 'Media' });
export type Media = z.infer<typeof media>;
