const LONGEST_NAME = 200;
const FALLBACK = 'file';

/**
 * `attachment` with the name in both forms of RFC 6266: plain ASCII for old clients, RFC 8187 for the rest. Always an attachment: what
 * guests send must never run as a page of ours.
 */
export function attachmentHeader(filename: string | null): string {
  const name = cleanFilename(filename);
  const ascii = name.replace(/[^\x20-\x7e]/g, '_').replace(/["\\%]/g, '_');
  return ascii === name
    ? `attachment; filename="${ascii}"`
    : `attachment; filename="${ascii}"; filename*=UTF-8''${encode(name)}`;
}

/** A name that is only a name: no folders, control characters, or halves of characters. */
export function cleanFilename(filename: string | null): string {
  const base = (filename ?? '').split(/[/\\]/).at(-1) ?? '';
  const clean = base
    .replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '')
    .slice(0, LONGEST_NAME)
    .replace(/\p{Surrogate}/gu, '')
    .trim();
  return clean === '' || clean === '.' || clean === '..' ? FALLBACK : clean;
}

function encode(name: string): string {
  return encodeURIComponent(name).replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
