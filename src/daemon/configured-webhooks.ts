import type { WebhooksConfig } from '../config/schema.ts';
import { DEFAULT_PROPERTY } from '../engine/model/primitives.ts';
import type { Store } from '../engine/ports/index.ts';

/** Endpoints of the configuration exist from the start; each is known by its URL. */
export async function saveConfiguredWebhooks(
  { endpoints }: WebhooksConfig,
  store: Pick<Store, 'saveWebhook'>,
): Promise<void> {
  for (const endpoint of endpoints) {
    await store.saveWebhook({
      property: DEFAULT_PROPERTY,
      url: endpoint.url,
      types: endpoint.types,
      description: endpoint.description ?? null,
      secret: endpoint.secret,
      configKey: endpoint.url,
    });
  }
}
