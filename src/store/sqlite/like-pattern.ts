/** A LIKE pattern (escape character `\`) that finds `part` anywhere, whatever characters it holds. */
export function likePattern(part: string): string {
  return `%${part.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
}
