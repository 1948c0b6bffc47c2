import { loadEngine } from '../mtproto/engines.ts';
import { describeEngineContract } from './engine-contract.ts';

describeEngineContract('mtcute', { load: () => loadEngine('mtcute'), loadOther: () => loadEngine('gramjs') });
