import { crc32, deflateSync } from 'node:zlib';

const SIZE = 160;
const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const TRUE_COLOUR = 2;
const WALL = [236, 228, 214] as const;
const SHADE = [196, 92, 60] as const;
const STAND = [70, 62, 58] as const;
const CRACK = [30, 26, 24] as const;

/** A PNG of a bedside lamp with a crack through its shade, drawn pixel by pixel: the picture that a guest sends. */
export function makeLampPicture(): Uint8Array {
  const rows = Buffer.alloc(SIZE * (1 + SIZE * 3));
  for (let y = 0; y < SIZE; y += 1) {
    for (let x = 0; x < SIZE; x += 1) rows.set(colourAt(x, y), y * (1 + SIZE * 3) + 1 + x * 3);
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(SIZE, 0);
  head.writeUInt32BE(SIZE, 4);
  head.writeUInt8(8, 8); // bits a channel
  head.writeUInt8(TRUE_COLOUR, 9);
  const chunks = [toChunk('IHDR', head), toChunk('IDAT', deflateSync(rows)), toChunk('IEND', Buffer.alloc(0))];
  return new Uint8Array(Buffer.concat([SIGNATURE, ...chunks]));
}

function colourAt(x: number, y: number): readonly [number, number, number] {
  const fromMiddle = Math.abs(x - SIZE / 2);
  const inShade = y >= 25 && y < 80 && fromMiddle < 22 + (y - 25) * 0.4;
  if (inShade && Math.abs(x - SIZE / 2 - 8 - 6 * Math.sin(y / 4)) < 1.6) return CRACK;
  if (inShade) return SHADE;
  if (y >= 80 && y < 135 && fromMiddle < 3) return STAND;
  return y >= 135 && y < 143 && fromMiddle < 26 ? STAND : WALL;
}

function toChunk(type: string, data: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type, 'ascii'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}
