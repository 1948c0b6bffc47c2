import { errorRegistry } from '../src/core/error-registry.ts';

/** `docs/reference/errors.md`. */
export function renderErrorReference(): string {
  const rows = Object.entries(errorRegistry)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([code, entry]) => `| \`${code}\` | ${entry.status} | ${entry.title} | ${entry.remedy} |`);
  return [
    '# Errors',
    '',
    '<!-- Generated from src/core/error-registry.ts by `npm run generate`. -->',
    '',
    'Errors are `application/problem+json` (RFC 9457) with a stable `code`. `detail` tells what happened this time, `pointer` where in the',
    'request, `remedy` what to do. A message that failed carries the same codes under `error`, with its certainty.',
    '',
    '| code | status | what happened | what to do |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
