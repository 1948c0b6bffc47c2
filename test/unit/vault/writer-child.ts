// Runs in its own process: writes one consistent step after another and says so, until it is killed.
import { writeSync } from 'node:fs';
import { systemClock } from '../../../src/core/clock.ts';
import { openVault } from '../../../src/store/vault/index.ts';

const [dir = '', mode = 'steps'] = process.argv.slice(2);
const masterKey = new Uint8Array(32).fill(7);
const vault = openVault({ dir, sessionId: 'front-desk', masterKey, clock: systemClock });
const body = new Uint8Array(3_000);

if (mode === 'hold') {
  writeSync(1, 'open\n');
  setInterval(() => vault.cursor.set('alive', '1'), 1_000);
} else {
  for (let step = Number(vault.cursor.get('step') ?? '0') + 1; ; step += 1) {
    vault.transaction(() => {
      vault.secrets.set('state', 'step', Buffer.from(String(step)));
      vault.spool.put(`m${step}`, body);
      vault.cursor.set('step', String(step));
      if (step > 1) vault.spool.settle(`m${step - 1}`);
    });
    writeSync(1, `${step}\n`);
  }
}
