import { defineConfig } from 'vitest/config';

const reportFile = process.env['BELLHOP_TEST_REPORT'];

/**
 * Tests of code that keeps no state of a process: files of one group follow each other in one process, so that what they all load is
 * loaded once. WhatsApp's library can be loaded with our cryptography or without, once a process: hence two groups of its tests.
 */
const sharing = {
  'sharing a process': [
    'test/unit/{alerts,cli,config,core,daemon,engine,http,media,observability,store,webhooks}/**/*.test.ts',
    'test/unit/host/{child-policy,line,process-policy,runtime-login,session-runtime}.test.ts',
    'test/unit/vault/!(vault-crash).test.ts',
    'test/property/**/*.test.ts',
    'connectors/box/test/**/*.test.ts',
    'connectors/telegram/test/!(engine-*|gaps*|conformance-*|simulator-wire*|simulator-world-connector|simulator-world-logins).test.ts',
    'connectors/xmpp/test/!(canary|conformance|prosody).test.ts',
  ],
  'sharing WhatsApp': [
    'connectors/whatsapp/test/!(conformance|crabline|curve-*|durable-kill|map-inbound|send-timers|shared-context|simulator-*).test.ts',
  ],
  "sharing WhatsApp's unmodified library": ['connectors/whatsapp/test/{map-inbound,send-timers,simulator-*}.test.ts'],
};

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 3, // on two cores: many tests wait for a process, a network or a clock
    // For a machine with ten times as much to do as it can; a test that takes seconds is a test to look at.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    unstubEnvs: true,
    env: { NO_COLOR: '1' }, // tables are compared as text; a CI's environment would colour them
    restoreMocks: true,
    projects: [
      ...Object.entries(sharing).map(([name, include]) => ({
        extends: true as const,
        test: { name, include, isolate: false },
      })),
      {
        extends: true,
        test: {
          name: 'alone',
          include: ['test/**/*.test.ts', 'connectors/**/test/**/*.test.ts'],
          exclude: ['**/node_modules/**', 'dist/**', ...Object.values(sharing).flat()],
        },
      },
    ],
    ...(reportFile === undefined ? {} : { reporters: ['default', 'json'], outputFile: { json: reportFile } }),
  },
});
