type Part = { readonly filename: string; readonly bytes: Buffer };

/** Takes `multipart/form-data` apart. Fields hold JSON where the Bot API says so; texts that are no JSON stay texts. */
export function readMultipart(
  body: Buffer,
  contentType: string,
): { readonly fields: Readonly<Record<string, unknown>>; readonly files: ReadonlyMap<string, Part> } {
  const boundary = /boundary=(.+)$/.exec(contentType)?.[1] ?? '';
  const fields: Record<string, unknown> = {};
  const files = new Map<string, Part>();
  for (const part of split(body, boundary)) {
    const headEnd = part.indexOf('\r\n\r\n');
    const head = part.subarray(0, headEnd).toString('utf8');
    const bytes = part.subarray(headEnd + 4);
    const name = /[; ]name="([^"]*)"/.exec(head)?.[1] ?? '';
    const filename = /filename="([^"]*)"/.exec(head)?.[1];
    if (filename === undefined) fields[name] = readField(bytes.toString('utf8'));
    else files.set(name, { filename, bytes });
  }
  return { fields, files };
}

function split(body: Buffer, boundary: string): readonly Buffer[] {
  const mark = Buffer.from(`--${boundary}`);
  const parts: Buffer[] = [];
  for (let start = body.indexOf(mark); ; ) {
    const next = body.indexOf(mark, start + mark.length);
    if (start < 0 || next < 0) break;
    parts.push(body.subarray(start + mark.length + 2, next - 2));
    start = next;
  }
  if (!body.subarray(-4).toString().startsWith('--')) throw new Error('the request is not complete');
  return parts;
}

function readField(text: string): unknown {
  if (!/^[[{]|^-?\d+$|^(?:true|false)$/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
