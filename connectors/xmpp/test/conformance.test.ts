import { describe, it } from 'vitest';
import { describeConnectorContract } from '../../../test/contract/connector-contract.ts';
import { findProgram } from '../../../test/support/programs.ts';
import { connector } from '../connector.ts';
import { startXmppNetwork } from './conformance-network.ts';

const program = findProgram('prosody', 'prosody');

if (program === null) {
  describe('XMPP on Prosody', () => {
    it.skip('keeps the contract of a connector: the program is not installed', () => undefined);
  });
} else {
  describeConnectorContract('XMPP on Prosody', {
    connector,
    addresses: {
      direct: ['guest@chat.example', 'Guest.Berger@Chat.Example', 'desk@localhost'],
      group: [],
      refused: ['+4915112345678', 'guest', 'guest@chat.example/phone', '@chat.example', 'two words@chat.example'],
    },
    without: {
      createGroup: 'rooms (XEP-0045) are not spoken',
      holdDeliveries: 'a stream keeps its order, by the protocol',
    },
    startNetwork: () => startXmppNetwork(program),
  });
}
