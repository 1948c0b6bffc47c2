import { defineConfig } from 'vitest/config';

const reportFile = process.env['BELLHOP_TEST_REPORT'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'connectors/**/test/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'dist/**'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000, // for a busy machine; a test that takes seconds is a test to look at
    hookTimeout: 30_000,
    unstubEnvs: true,
    restoreMocks: true,
    ...(reportFile === undefined ? {} : { reporters: ['default', 'json'], outputFile: { json: reportFile } }),
  },
});
