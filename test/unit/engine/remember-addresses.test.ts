import { expect, it } from 'vitest';
import type { ConnectorManifest } from '../../../src/connector-api/index.ts';
import { rememberAddresses } from '../../../src/engine/remember-addresses.ts';
import { testManifest } from '../../support/engine-fixture.ts';

function counted(channel: string, asked: string[]): ConnectorManifest {
  const manifest = testManifest(channel);
  return {
    ...manifest,
    parseAddress(text) {
      asked.push(`${channel} ${text}`);
      return manifest.parseAddress(text);
    },
  };
}

const manifestsOf = (asked: string[]): ReadonlyMap<string, ConnectorManifest> =>
  rememberAddresses(new Map(['one', 'other'].map((channel) => [channel, counted(channel, asked)])));

it('reads an address once for each channel, and answers the same again', () => {
  const asked: string[] = [];
  const manifests = manifestsOf(asked);
  const texts = ['+15551230001', '+15551230001', 'nonsense', 'nonsense'];
  const readings = texts.map((text) => manifests.get('one')?.parseAddress(text));
  expect(readings).toEqual(texts.map((text) => testManifest('one').parseAddress(text)));
  manifests.get('other')?.parseAddress('+15551230001');
  expect(asked).toEqual(['one +15551230001', 'one nonsense', 'other +15551230001']);
});

it('does not remember without end', () => {
  const asked: string[] = [];
  const manifest = manifestsOf(asked).get('one');
  for (let index = 0; index <= 2_000; index += 1) manifest?.parseAddress(`+1555${1_000_000 + index}`);
  asked.length = 0;
  manifest?.parseAddress('+15551000000');
  expect(asked).toHaveLength(1);
});
