import type { Element, client as makeClient } from '@xmpp/client';
import { Stanzas } from './map-outbound.ts';

/** The library, loaded when the first session needs it, and the stanzas that are made with it. */
export interface Library {
  readonly client: typeof makeClient;
  readonly stanzas: Stanzas;
}

export type { Element };

export async function loadLibrary(): Promise<Library> {
  const { client, xml } = await import('@xmpp/client');
  return { client, stanzas: new Stanzas({ xml }) };
}
