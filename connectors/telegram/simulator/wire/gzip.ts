import { gzipSync, unzipSync } from 'node:zlib';
import { TlDecodeError } from '../tl/errors.ts';
import { service } from './service-schema.ts';

const PACKED_FROM_BYTES = 1024; // what is shorter is hardly worth the work
const PACKED_GAIN = 0.9; // pictures and the like do not shrink
const LARGEST_UNPACKED_BYTES = 16 * 1024 * 1024; // a short message must not become the whole memory

/** As `gzip_packed` where that is worth it. */
export function pack(bytes: Uint8Array): Uint8Array {
  if (bytes.length < PACKED_FROM_BYTES) return bytes;
  const packedData = gzipSync(bytes);
  return packedData.length < bytes.length * PACKED_GAIN ? service.encode({ _: 'gzipPacked', packedData }) : bytes;
}

/** The content of a `gzip_packed`: gzip, or zlib as mtcute packs. Throws TlDecodeError. */
export function unpack(packed: Uint8Array): Uint8Array {
  const { packedData } = service.decode(packed);
  if (!(packedData instanceof Uint8Array)) throw new TlDecodeError('gzip_packed has no data');
  try {
    return new Uint8Array(unzipSync(packedData, { maxOutputLength: LARGEST_UNPACKED_BYTES }));
  } catch {
    throw new TlDecodeError('packed data do not unpack');
  }
}
