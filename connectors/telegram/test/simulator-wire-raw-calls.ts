import { service } from '../simulator/wire/service-schema.ts';
import type { TlObject } from '../tl.ts';

/** `invokeWithLayer(initConnection(help.getConfig))`, or around another call. */
export function announced(layer: number, query: Uint8Array = GET_CONFIG, tweak: Partial<TlObject> = {}): Uint8Array {
  const init = service.encodeCall({
    _: 'initConnection',
    apiId: 1,
    deviceModel: 'Raw',
    systemVersion: '1',
    appVersion: '1.0',
    systemLangCode: 'en',
    langPack: '',
    langCode: 'en',
    query,
    ...tweak,
  });
  return service.encodeCall({ _: 'invokeWithLayer', layer, query: init });
}

/** Both methods are the same in all layers. */
export const GET_CONFIG = Uint8Array.from(Buffer.from('6b18f9c4', 'hex'));
export const GET_NEAREST_DC = Uint8Array.from(Buffer.from('2630b31f', 'hex'));
