import { describe, expect, it } from 'vitest';
import { BellhopError } from '../../../src/core/errors.ts';
import { settle } from '../../../test/support/virtual-clock.ts';
import type { FetchFile } from '../file-fetcher.ts';
import { FetchPostponed, FileUnavailable } from '../file-fetcher.ts';
import { Inbox } from '../inbox.ts';
import { file, photo, Stage, text } from './inbox-support.ts';

const noFiles: FetchFile = () => {
  throw new Error('no file was expected');
};

/** Files whose bytes come when the test says so. */
class SlowFiles {
  readonly asked: string[] = [];
  readonly #open = new Map<string, (outcome: Uint8Array | Error) => void>();

  readonly fetch: FetchFile = (source) => this.#bytes(source as string);

  async answer(source: string, outcome: Uint8Array | Error): Promise<void> {
    this.#open.get(source)?.(outcome);
    this.#open.delete(source);
    await settle();
  }

  async *#bytes(source: string): AsyncGenerator<Uint8Array> {
    this.asked.push(source);
    const outcome = await new Promise<Uint8Array | Error>((resolve) => this.#open.set(source, resolve));
    if (outcome instanceof Error) throw outcome;
    yield outcome;
  }
}

describe('the inbox', () => {
  it('keeps the order within a chat, and lets other chats pass a slow file', async () => {
    const [stage, files] = [new Stage(), new SlowFiles()];
    const inbox = new Inbox({ context: stage.context(), fetchFile: files.fetch });
    inbox.put(photo('id:1', file('a')));
    inbox.put({ events: [text('id:1', 'after the photo')], files: [] });
    inbox.put({ events: [text('id:2', 'elsewhere')], files: [] });
    inbox.work();
    await settle();
    expect(stage.words).toEqual(['id:2:elsewhere']);
    await files.answer('a', Buffer.from('12345'));
    expect(stage.words).toEqual(['id:2:elsewhere', 'id:1:image=5', 'id:1:after the photo']);
    expect(stage.vault.spool.depth()).toBe(0);
  });

  it('fetches only a few files at a time and keeps room for words', async () => {
    const [stage, files] = [new Stage(), new SlowFiles()];
    const inbox = new Inbox({ context: stage.context(), fetchFile: files.fetch });
    for (let chat = 1; chat <= 20; chat += 1) inbox.put(photo(`id:${chat}`, file(String(chat))));
    inbox.put({ events: [text('id:99', 'hello')], files: [] });
    inbox.work();
    await settle();
    expect(files.asked).toEqual(['1', '2', '3']);
    expect(stage.words).toEqual(['id:99:hello']);
    await files.answer('2', Buffer.from('x'));
    expect(files.asked).toEqual(['1', '2', '3', '4']);
  });

  it('tries an event again that the daemon could not store, before what follows in the chat', async () => {
    const stage = new Stage();
    let refusals = 3;
    stage.refuse = () => {
      if (refusals-- > 0) throw new BellhopError('store_full');
    };
    const inbox = new Inbox({ context: stage.context(), fetchFile: noFiles });
    inbox.put({ events: [text('id:1', 'one')], files: [] });
    inbox.put({ events: [text('id:1', 'two')], files: [] });
    inbox.work();
    await settle();
    expect(stage.words).toEqual([]);
    expect(stage.vault.spool.depth()).toBe(2);
    await stage.clock.advance(10_000);
    expect(stage.words).toEqual(['id:1:one', 'id:1:two']);
  });

  it('hands over the frame of a message that the daemon calls malformed again and again', async () => {
    const stage = new Stage();
    stage.refuse = (event) => {
      if (event.type === 'message' && event.message.content.type === 'text') throw new BellhopError('internal_error');
    };
    const inbox = new Inbox({ context: stage.context(), fetchFile: noFiles });
    inbox.put({ events: [text('id:1', 'one')], files: [] });
    inbox.work();
    await stage.clock.advance(20_000);
    expect(stage.words).toEqual([]);
    await stage.clock.advance(60_000);
    expect(stage.words).toEqual(['id:1:unsupported']);
    expect(JSON.stringify(stage.told)).toContain('one');
  });

  it('does not fetch a file again that was fetched before a kill', async () => {
    const stage = new Stage();
    const fetched: string[] = [];
    const fetch: FetchFile = async function* (source) {
      fetched.push(source as string);
      yield Buffer.from('12345');
    };
    stage.refuse = () => {
      throw new BellhopError('store_full');
    };
    const first = new Inbox({ context: stage.context(), fetchFile: fetch });
    first.put(photo('id:1', file('a')));
    first.work();
    await settle();
    stage.refuse = () => undefined;
    const second = new Inbox({ context: stage.context(), fetchFile: fetch });
    await second.replay();
    expect(fetched).toEqual(['a']);
    expect(stage.words).toEqual(['id:1:image=5']);
  });

  it('knows nothing of what was put in a transaction that was undone', async () => {
    const stage = new Stage();
    const inbox = new Inbox({ context: stage.context(), fetchFile: noFiles });
    await inbox.replay();
    expect(() =>
      stage.vault.transaction(() => {
        inbox.put({ events: [text('id:1', 'undone')], files: [] });
        throw new Error('full');
      }),
    ).toThrow('full');
    inbox.put({ events: [text('id:1', 'kept')], files: [] });
    inbox.work();
    await settle();
    expect(stage.words).toEqual(['id:1:kept']);
  });

  it('keeps a file that cannot be asked for until there is a connection, without counting tries', async () => {
    const stage = new Stage();
    let isOnline = false;
    const fetch: FetchFile = async function* () {
      if (!isOnline) throw new FetchPostponed();
      yield Buffer.from('12345');
    };
    const inbox = new Inbox({ context: stage.context(), fetchFile: fetch });
    inbox.put(photo('id:1', file('a')));
    inbox.put({ events: [text('id:2', 'hello')], files: [] });
    await inbox.replay();
    for (let round = 0; round < 10; round += 1) {
      inbox.work();
      await stage.clock.advance(60_000);
    }
    expect(stage.words).toEqual(['id:2:hello']);
    isOnline = true;
    inbox.work();
    await settle();
    expect(stage.words).toEqual(['id:2:hello', 'id:1:image=5']);
  });

  it('does not take waiting for a connection for a daemon in trouble', async () => {
    const stage = new Stage();
    let isOnline = false;
    const fetch: FetchFile = async function* () {
      if (!isOnline) throw new FetchPostponed();
      yield Buffer.from('12345');
    };
    const inbox = new Inbox({ context: stage.context(), fetchFile: fetch });
    inbox.put(photo('id:1', file('a')));
    for (let round = 0; round < 10; round += 1) {
      inbox.work();
      await settle();
    }
    isOnline = true;
    let refusals = 1;
    stage.refuse = () => {
      if (refusals-- > 0) throw new BellhopError('store_full');
    };
    inbox.work();
    await stage.clock.advance(1_100);
    expect(stage.words).toEqual(['id:1:image=5']);
  });

  it('waits as long as the network asks, and no longer', async () => {
    const stage = new Stage();
    const askedAt: number[] = [];
    const fetch: FetchFile = async function* () {
      askedAt.push(stage.clock.monotonic());
      if (askedAt.length === 1) throw new FetchPostponed(42_000);
      yield Buffer.from('1');
    };
    const inbox = new Inbox({ context: stage.context(), fetchFile: fetch });
    inbox.put(photo('id:1', file('a')));
    inbox.work();
    await stage.clock.advance(50_000);
    expect(askedAt).toEqual([0, 42_000]);
    expect(stage.words).toEqual(['id:1:image=1']);
  });

  it.each([
    ['too large by its own word', { sizeBytes: 101 }, undefined, 'too_large', 0],
    ['larger than it said', { sizeBytes: 5 }, Buffer.alloc(101), 'too_large', 1],
    ['gone at the network', {}, new FileUnavailable('gone'), 'gone', 1],
    ['not to be had in three tries', {}, new Error('reset'), 'unreachable', 3],
  ])('keeps the message of a file that is %s', async (_case, facts, outcome, reason, tries) => {
    const stage = new Stage();
    let asked = 0;
    const fetch: FetchFile = async function* () {
      asked += 1;
      if (outcome instanceof Error) throw outcome;
      if (outcome !== undefined) yield outcome;
    };
    const inbox = new Inbox({ context: stage.context(), fetchFile: fetch, limitBytes: () => 100 });
    inbox.put(photo('id:1', file('a', facts)));
    inbox.work();
    await stage.clock.advance(10_000);
    expect(stage.words).toEqual([`id:1:image=${reason}`]);
    expect(asked).toBe(tries);
  });

  it('tries again when the media store is full, instead of giving the file up', async () => {
    const stage = new Stage();
    stage.media.failure = new BellhopError('store_full');
    const fetch: FetchFile = async function* () {
      yield Buffer.from('12345');
    };
    const inbox = new Inbox({ context: stage.context(), fetchFile: fetch });
    inbox.put(photo('id:1', file('a')));
    inbox.work();
    await stage.clock.advance(60_000);
    expect(stage.words).toEqual([]);
    stage.media.failure = undefined;
    await stage.clock.advance(60_000);
    expect(stage.words).toEqual(['id:1:image=5']);
  });

  it('keeps the account offline no longer than ten seconds for what an earlier life left', async () => {
    const [stage, files] = [new Stage(), new SlowFiles()];
    const inbox = new Inbox({ context: stage.context(), fetchFile: files.fetch });
    inbox.put(photo('id:1', file('a')));
    let isOver = false;
    void inbox.replay().then(() => {
      isOver = true;
    });
    await stage.clock.advance(9_900);
    expect(isOver).toBe(false);
    await stage.clock.advance(200);
    expect(isOver).toBe(true);
  });

  it('hands over a backlog of a thousand entries in order, chat by chat', async () => {
    const stage = new Stage();
    const inbox = new Inbox({ context: stage.context(), fetchFile: noFiles });
    for (let index = 0; index < 1_000; index += 1) {
      inbox.put({ events: [text(`id:${index % 7}`, String(index))], files: [] });
    }
    await inbox.replay();
    expect(stage.words).toHaveLength(1_000);
    for (let chat = 0; chat < 7; chat += 1) {
      const own = stage.words
        .filter((word) => word.startsWith(`id:${chat}:`))
        .map((word) => Number(word.split(':')[2]));
      expect(own).toEqual(own.toSorted((a, b) => a - b));
    }
  });
});
