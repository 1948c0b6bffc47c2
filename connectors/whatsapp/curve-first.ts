import { installCurve } from './curve-install.ts';

// For files that must import Baileys statically, such as tests with a simulator in the same process: importing this file
// before all others has the same effect as `loadBaileys`, without the self-tests.
await installCurve();
