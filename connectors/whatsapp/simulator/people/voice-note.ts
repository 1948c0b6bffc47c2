const SAMPLE_RATE_HZ = 48_000;
const FRAME_SAMPLES = 960; // 20 ms
const SILENT_FRAME = Uint8Array.of(0xf8, 0xff, 0xfe); // an Opus packet of 20 ms of silence
const MOST_FRAMES_A_PAGE = 50;
const STREAM_SERIAL = 0x62656c6c;
const FIRST_PAGE = 2;
const LAST_PAGE = 4;

/** A playable, silent Ogg Opus file (RFC 3533, RFC 7845): what a guest's phone records when nobody speaks. */
export function makeVoiceNote(seconds: number): Uint8Array {
  const frames = Math.ceil((seconds * SAMPLE_RATE_HZ) / FRAME_SAMPLES);
  const pages = [toPage([identification()], 0, FIRST_PAGE, 0), toPage([comments()], 1, 0, 0)];
  for (let done = 0; done < frames; ) {
    const count = Math.min(MOST_FRAMES_A_PAGE, frames - done);
    done += count;
    const packets = Array.from({ length: count }, () => SILENT_FRAME);
    pages.push(toPage(packets, pages.length, done === frames ? LAST_PAGE : 0, done * FRAME_SAMPLES));
  }
  return new Uint8Array(Buffer.concat(pages));
}

function identification(): Uint8Array {
  const head = Buffer.alloc(19);
  head.write('OpusHead', 0, 'ascii');
  head.writeUInt8(1, 8); // version
  head.writeUInt8(1, 9); // channels
  head.writeUInt32LE(SAMPLE_RATE_HZ, 12);
  return head;
}

function comments(): Uint8Array {
  const vendor = Buffer.from('bellhop simulator', 'ascii');
  const length = Buffer.alloc(4);
  length.writeUInt32LE(vendor.length);
  return Buffer.concat([Buffer.from('OpusTags', 'ascii'), length, vendor, Buffer.alloc(4)]);
}

function toPage(packets: readonly Uint8Array[], sequence: number, flags: number, granule: number): Uint8Array {
  const lacing = packets.map((packet) => packet.length); // all are below 255 bytes: one lacing value each
  const head = Buffer.alloc(27);
  head.write('OggS', 0, 'ascii');
  head.writeUInt8(flags, 5);
  head.writeBigUInt64LE(BigInt(granule), 6);
  head.writeUInt32LE(STREAM_SERIAL, 14);
  head.writeUInt32LE(sequence, 18);
  head.writeUInt8(lacing.length, 26);
  const page = Buffer.concat([head, Uint8Array.from(lacing), ...packets]);
  page.writeUInt32LE(checksum(page), 22);
  return page;
}

/** CRC-32 of Ogg: polynomial 04c11db7, not reflected, no initial or final value. */
function checksum(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}
