/** JSON text of a protobuf message, bytes as base64; what `raw` of an inbound message holds. */
export function toRawJson(message: unknown): string {
  return JSON.stringify(message ?? {}, (_name, value: unknown) => {
    if (isSerialisedBuffer(value)) return Buffer.from(value.data).toString('base64');
    return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
  });
}

/** What Buffer's own `toJSON` has made of it before the replacer sees it. */
function isSerialisedBuffer(value: unknown): value is { type: 'Buffer'; data: number[] } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    value.type === 'Buffer' &&
    'data' in value &&
    Array.isArray(value.data)
  );
}
