import { BellhopError } from '../core/errors.ts';

const PICTURE_WIDTH_PX = 360; // fills a phone's viewfinder from a screen at arm's length
const QUIET_ZONE_MODULES = 4; // ISO/IEC 18004 asks for four

const jsonTypes = ['application/json', 'application/*', '*/*'];
const pictureTypes = ['image/png', 'image/svg+xml'] as const;
export type PictureType = (typeof pictureTypes)[number];

/** Which form of the linking step an `Accept` header wants most. Throws `not_acceptable`. */
export function chooseForm(accept: string | undefined): 'json' | PictureType {
  const wishes = (accept ?? '*/*')
    .split(',')
    .map(readWish)
    .filter((wish) => wish.weight > 0)
    .toSorted((one, other) => other.weight - one.weight);
  for (const { type } of wishes) {
    const picture = pictureTypes.find((known) => known === type);
    if (picture !== undefined) return picture;
    if (type === 'image/*') return 'image/png';
    if (jsonTypes.includes(type)) return 'json';
  }
  throw new BellhopError('not_acceptable', { detail: 'Known are application/json, image/png and image/svg+xml.' });
}

function readWish(text: string): { type: string; weight: number } {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const weight = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
  return { type, weight: Number.isFinite(weight) ? weight : 0 };
}

/** Draws the QR code. The library is loaded when the first picture is asked for. */
export async function drawQr(content: string, type: PictureType): Promise<Buffer | string> {
  const { default: qrcode } = await import('qrcode');
  return type === 'image/png'
    ? qrcode.toBuffer(content, { type: 'png', width: PICTURE_WIDTH_PX, margin: QUIET_ZONE_MODULES })
    : qrcode.toString(content, { type: 'svg', width: PICTURE_WIDTH_PX, margin: QUIET_ZONE_MODULES });
}
