import { afterEach, beforeEach, describe } from 'vitest';
import type { Store } from '../../src/engine/ports/index.ts';
import { linkSession } from '../support/store-fixture.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { storeAccessContract } from './store-contract-access.ts';
import { storeAlertContract } from './store-contract-alerts.ts';
import { storeConsentContract } from './store-contract-consent.ts';
import { storeConversationContract } from './store-contract-conversations.ts';
import { storeDeliveryContract } from './store-contract-deliveries.ts';
import { storeEventContract } from './store-contract-events.ts';
import { storeInboundContract } from './store-contract-inbound.ts';
import { storeLimitContract } from './store-contract-limits.ts';
import { storeNetworkIdContract } from './store-contract-network-ids.ts';
import { storeNoticeContract } from './store-contract-notices.ts';
import { storeOutboxContract } from './store-contract-outbox.ts';
import { storePacingContract } from './store-contract-pacing.ts';
import { storePlanContract } from './store-contract-plans.ts';
import { storeRichContract } from './store-contract-rich.ts';
import { storeSessionContract } from './store-contract-sessions.ts';
import { storeVersionContract } from './store-contract-versions.ts';

/** What a part of the suite gets before each test: an empty store with one linked session. */
export interface StoreUnderTest {
  readonly store: Store;
  readonly clock: VirtualClock;
}

/** What every implementation of the Store port must do. `open` gives an empty store that nobody else uses. */
export function describeStoreContract(name: string, open: (clock: VirtualClock) => Promise<Store>): void {
  describe(`store contract: ${name}`, () => {
    let current: StoreUnderTest;
    beforeEach(async () => {
      const clock = new VirtualClock();
      current = { store: await open(clock), clock };
      await linkSession(current.store, clock);
    });
    afterEach(() => current.store.close());
    const use = (): StoreUnderTest => current;
    storeSessionContract(use);
    storeInboundContract(use);
    storeOutboxContract(use);
    storeRichContract(use);
    storeNetworkIdContract(use);
    storeLimitContract(use);
    storeNoticeContract(use);
    storeVersionContract(use);
    storeConversationContract(use);
    storeEventContract(use);
    storeDeliveryContract(use);
    storeAccessContract(use);
    storeAlertContract(use);
    storeConsentContract(use);
    storePacingContract(use);
    storePlanContract(use);
  });
}
