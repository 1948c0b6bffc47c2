import { defineConfig } from 'vitest/config';

const reportFile = process.env['BELLHOP_TEST_REPORT'];

/** Tests of code that keeps no state of a process: their files share one, and so the modules that they all load. */
const sharing = [
  'test/unit/{config,core,engine,http,observability,store,webhooks}/**/*.test.ts',
  'test/property/**/*.test.ts',
  'connectors/telegram/test/!(engine-*|gaps*|conformance-*|simulator-world-connector).test.ts',
];

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 3, // on two cores: many tests wait for a process, a network or a clock
    testTimeout: 20_000, // for a busy machine; a test that takes seconds is a test to look at
    hookTimeout: 30_000,
    unstubEnvs: true,
    env: { NO_COLOR: '1' }, // tables are compared as text; a CI's environment would colour them
    restoreMocks: true,
    projects: [
      { extends: true, test: { name: 'sharing a process', include: sharing, isolate: false } },
      {
        extends: true,
        test: {
          name: 'alone',
          include: ['test/**/*.test.ts', 'connectors/**/test/**/*.test.ts'],
          exclude: ['**/node_modules/**', 'dist/**', ...sharing],
        },
      },
    ],
    ...(reportFile === undefined ? {} : { reporters: ['default', 'json'], outputFile: { json: reportFile } }),
  },
});
