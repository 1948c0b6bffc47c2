const LONGEST_CLASS = 40; // characters; longer ones are sentences, not codes

/**
 * A network's code as a metric label: without the numbers that only measure (`FLOOD_WAIT_31` → `FLOOD_WAIT`), and `other` for what
 * does not look like a code, so that no network can make labels without end. Pure.
 */
export function nativeClassOf(nativeCode: string | null): string {
  if (nativeCode === null) return 'none';
  if (/^\d{1,4}$/.test(nativeCode)) return nativeCode;
  const name = nativeCode.replaceAll(/_?\d+/g, '');
  return name.length <= LONGEST_CLASS && /^[A-Za-z][A-Za-z_-]*$/.test(name) ? name : 'other';
}
