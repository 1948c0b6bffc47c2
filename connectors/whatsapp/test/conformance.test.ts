import '../curve-first.ts'; // before anything that imports the library

import { beforeEach } from 'vitest';
import { describeConnectorContract } from '../../../test/contract/connector-contract.ts';
import { connector } from '../connector.ts';
import { startConformanceNetwork } from './conformance-network.ts';
import { DutyWatch } from './duties-support.ts';
import { muteConsole } from './session-support.ts';

/** Each check ends with nothing owed to the server or to a guest. */
const duties = new DutyWatch();

beforeEach(() => muteConsole());

describeConnectorContract('WhatsApp on the simulated network', {
  connector: duties.watch(connector),
  addresses: {
    direct: ['+4915112345678', 'lid:100000001001'],
    group: ['group:120363000000000001', 'group:4915112345678-1500000000'],
    refused: ['004915112345678', '@name', 'group:', 'lid:'],
  },
  without: {
    wrongAnswer: 'what a person types goes into the phone, not into the daemon',
    holdDeliveries: 'the server hands messages over in the order of its queue',
  },
  startNetwork: () => startConformanceNetwork(duties),
});
