import '../curve-first.ts'; // before anything that imports the library

import { beforeEach } from 'vitest';
import { describeConnectorContract } from '../../../test/contract/connector-contract.ts';
import { connector } from '../connector.ts';
import { startConformanceNetwork } from './conformance-network.ts';
import { muteConsole } from './session-support.ts';

beforeEach(() => muteConsole());

describeConnectorContract('WhatsApp on the simulated network', {
  connector,
  addresses: {
    direct: ['+4915112345678', 'lid:100000001001'],
    group: ['group:120363000000000001', 'group:4915112345678-1500000000'],
    refused: ['004915112345678', '@name', 'group:', 'lid:'],
  },
  without: {
    wrongAnswer: 'what a person types goes into the phone, not into the daemon',
    holdDeliveries: 'the server hands messages over in the order of its queue',
  },
  startNetwork: startConformanceNetwork,
});
