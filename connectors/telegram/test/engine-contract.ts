import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import type { EngineName, MtprotoEngine } from '../mtproto/client.ts';
import { callTests } from './engine-contract-calls.ts';
import { endingTests, residueTests, updateTests } from './engine-contract-line.ts';
import { openingTests } from './engine-contract-opening.ts';
import { EngineStage } from './engine-contract-stage.ts';

export interface EngineLoaders {
  readonly load: () => Promise<MtprotoEngine>;
  /** Another engine, or another version: accounts move between them. */
  readonly loadOther: () => Promise<MtprotoEngine>;
}

const RESIDUE_CONNECTIONS = 200;

/** Every engine behaves like this. Call it inside a test file. */
export function describeEngineContract(name: EngineName, { load, loadOther }: EngineLoaders): void {
  describe(`${name} keeps the contract of an engine`, () => {
    let stage: EngineStage;
    const current = (): EngineStage => stage;
    beforeAll(async () => {
      stage = new EngineStage(await load());
      await stage.start();
    });
    afterEach(() => stage.settle());
    afterAll(() => stage.stop());

    describe('opening', () => openingTests(current, loadOther));
    describe('calls', () => callTests(current));
    describe('updates', () => updateTests(current));
    describe('endings', () => endingTests(current));
    describe('residue', () => residueTests(current, RESIDUE_CONNECTIONS));
  });
}
