import { createHash } from 'node:crypto';
import type { Clock } from '../../../../src/core/clock.ts';
import type { Random } from '../../../../src/core/random.ts';
import type { TlObject } from '../../tl.ts';
import { RpcError } from '../rpc.ts';
import { bytesOf, intOf, longOf, textOf } from './fields.ts';
import { photoBytes } from './render-message.ts';
import type { FileRecord, WorldState } from './state.ts';
import type { WorldViolations } from './violations.ts';

/*
 * Sizes and rules of https://core.telegram.org/api/files.
 */
const LARGEST_PART_BYTES = 524_288;
const PART_STEP_BYTES = 1_024;
const MOST_PARTS = 4_000;
const SMALL_FILE_BYTES = 10_485_760; // above it, saveBigFilePart
const COARSE_STEP_BYTES = 4_096;
const LARGEST_READ_BYTES = 1_048_576;
const REFERENCE_BYTES = 16;

interface Upload {
  readonly parts: Map<number, Uint8Array>;
  readonly isBig: boolean;
}

export interface NewFile {
  readonly bytes: Uint8Array;
  readonly mimeType: string;
  readonly attributes: readonly TlObject[];
  readonly dcId: number;
}

/** Uploads under way, and the files that messages carry. */
export class Files {
  readonly #state: WorldState;
  readonly #violations: WorldViolations;
  readonly #random: Random;
  readonly #clock: Clock;
  readonly #uploads = new Map<string, Upload>();

  constructor(deps: {
    readonly state: WorldState;
    readonly violations: WorldViolations;
    readonly random: Random;
    readonly clock: Clock;
  }) {
    this.#state = deps.state;
    this.#violations = deps.violations;
    this.#random = deps.random;
    this.#clock = deps.clock;
  }

  /** `upload.saveFilePart` and `upload.saveBigFilePart`. */
  savePart(owner: bigint, call: TlObject): boolean {
    const isBig = call._ === 'upload.saveBigFilePart';
    const part = intOf(call, 'filePart');
    const bytes = bytesOf(call, 'bytes');
    if (bytes.length === 0) throw this.#wrongUpload('FILE_PART_EMPTY');
    if (bytes.length > LARGEST_PART_BYTES) throw this.#wrongUpload('FILE_PART_TOO_BIG');
    if (part < 0 || part >= MOST_PARTS) throw this.#wrongUpload('FILE_PART_INVALID');
    const name = `${owner} ${longOf(call, 'fileId')}`;
    const upload = this.#uploads.get(name) ?? { parts: new Map(), isBig };
    if (upload.isBig !== isBig) throw this.#wrongUpload('FILE_PART_SIZE_CHANGED');
    upload.parts.set(part, Uint8Array.from(bytes));
    this.#uploads.set(name, upload);
    return true;
  }

  /** An `inputFile` or `inputFileBig`: the bytes of its parts, once. */
  assemble(owner: bigint, input: TlObject): { readonly bytes: Uint8Array; readonly name: string } {
    const name = `${owner} ${longOf(input, 'id')}`;
    const upload = this.#uploads.get(name);
    const count = intOf(input, 'parts');
    if (upload === undefined || count <= 0 || count > MOST_PARTS) throw this.#wrongUpload('FILE_PARTS_INVALID');
    const parts: Uint8Array[] = [];
    for (let index = 0; index < count; index += 1) {
      const part = upload.parts.get(index);
      if (part === undefined) throw this.#wrongUpload(`FILE_PART_${index}_MISSING`);
      parts.push(part);
    }
    if (upload.parts.size !== count) throw this.#wrongUpload('FILE_PARTS_INVALID');
    this.#checkSizes(parts);
    const bytes = Uint8Array.from(Buffer.concat(parts));
    const isBig = input._ === 'inputFileBig';
    if (isBig !== upload.isBig || (!isBig && bytes.length > SMALL_FILE_BYTES))
      throw this.#wrongUpload('FILE_PARTS_INVALID');
    const sum = isBig ? '' : textOf(input, 'md5Checksum', '');
    if (sum !== '' && sum.toLowerCase() !== createHash('md5').update(bytes).digest('hex')) {
      throw this.#wrongUpload('MD5_CHECKSUM_INVALID');
    }
    this.#uploads.delete(name);
    return { bytes, name: textOf(input, 'name', '') };
  }

  add(file: NewFile): FileRecord {
    this.#state.serial.file += 1;
    const record = {
      id: BigInt(this.#state.serial.file) + 5_000_000_000_000n,
      accessHash: Buffer.from(this.#random.bytes(8)).readBigInt64BE(0),
      reference: this.#random.bytes(REFERENCE_BYTES),
      date: Math.floor(this.#clock.now() / 1000),
      ...file,
    };
    this.#state.files.set(record.id, record);
    return record;
  }

  /** References that clients hold stop working; reading the message again gives new ones. */
  expireReferences(): void {
    for (const file of this.#state.files.values()) file.reference = this.#random.bytes(REFERENCE_BYTES);
  }

  /** `inputDocument` or `inputPhoto`: a file that the network has. */
  find(input: TlObject, refusal = 'MEDIA_EMPTY'): FileRecord {
    const file = this.#state.files.get(longOf(input, 'id'));
    if (file === undefined || file.accessHash !== longOf(input, 'accessHash')) {
      this.#violations.record('wrong_access_hash', 'of a file');
      throw new RpcError(400, refusal);
    }
    const reference = bytesOf(input, 'fileReference');
    if (reference.length === 0) throw new RpcError(400, 'FILE_REFERENCE_EMPTY');
    if (Buffer.compare(reference, file.reference) !== 0) throw new RpcError(400, 'FILE_REFERENCE_EXPIRED');
    return file;
  }

  /** `upload.getFile` at one data centre. */
  read(call: TlObject, location: TlObject, dcId: number): TlObject {
    const file = this.find(location, 'LOCATION_INVALID');
    if (file.dcId !== dcId) throw new RpcError(303, `FILE_MIGRATE_${file.dcId}`);
    const isPhoto = location._ === 'inputPhotoFileLocation';
    const size = textOf(location, 'thumbSize');
    const bytes = isPhoto ? photoBytes(file, size) : file.bytes;
    if (bytes === undefined || (!isPhoto && size !== '')) throw new RpcError(400, 'LOCATION_INVALID');
    const offset = Number(call['offset']);
    const limit = intOf(call, 'limit');
    this.#checkRange(offset, limit, call['precise'] === true);
    return {
      _: 'upload.file',
      type: { _: isPhoto ? 'storage.fileJpeg' : 'storage.fileUnknown' },
      mtime: file.date,
      bytes: bytes.slice(offset, offset + limit),
    };
  }

  #checkSizes(parts: readonly Uint8Array[]): void {
    const size = parts[0]?.length ?? 0;
    const last = parts.length - 1;
    if (parts.length > 1 && (size % PART_STEP_BYTES !== 0 || LARGEST_PART_BYTES % size !== 0)) {
      throw this.#wrongUpload('FILE_PART_SIZE_INVALID');
    }
    if (parts.some((part, index) => (index < last ? part.length !== size : part.length > size))) {
      throw this.#wrongUpload('FILE_PART_SIZE_CHANGED');
    }
  }

  #checkRange(offset: number, limit: number, isPrecise: boolean): void {
    const step = isPrecise ? PART_STEP_BYTES : COARSE_STEP_BYTES;
    const isLimitRight =
      limit > 0 && limit <= LARGEST_READ_BYTES && limit % step === 0 && (isPrecise || LARGEST_READ_BYTES % limit === 0);
    if (!isLimitRight) throw this.#wrongOffset('LIMIT_INVALID');
    const isOneChunk =
      Math.floor(offset / LARGEST_READ_BYTES) === Math.floor((offset + limit - 1) / LARGEST_READ_BYTES);
    if (!Number.isSafeInteger(offset) || offset < 0 || offset % step !== 0 || !isOneChunk) {
      throw this.#wrongOffset('OFFSET_INVALID');
    }
  }

  #wrongOffset(text: string): RpcError {
    this.#violations.record('wrong_offset', text);
    return new RpcError(400, text);
  }

  #wrongUpload(text: string): RpcError {
    this.#violations.record('wrong_upload', text);
    return new RpcError(400, text);
  }
}
