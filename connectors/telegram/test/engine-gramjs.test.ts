import { loadEngine } from '../mtproto/engines.ts';
import { describeEngineContract } from './engine-contract.ts';

describeEngineContract('gramjs', { load: () => loadEngine('gramjs'), loadOther: () => loadEngine('mtcute') });
