import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { seededRandom, systemRandom } from '../../../src/core/random.ts';
import { settle, VirtualClock } from '../../../test/support/virtual-clock.ts';
import { WhatsAppNetwork } from '../simulator/network.ts';
import { Crowd } from '../simulator/people/crowd.ts';
import { MediaServer } from '../simulator/people/media-server.ts';
import { Stories, type StoriesState, type StoryLine } from '../simulator/people/stories.ts';
import { Town, type TownState } from '../simulator/people/town.ts';
import { makeAuth, muteLibsignal, TestClient } from './simulator-wire-support.ts';

const MINUTE_MS = 60_000;

let clock: VirtualClock;
let running: Stories[];

interface Scene {
  readonly network: WhatsAppNetwork;
  readonly town: Town;
  readonly stories: Stories;
  readonly lines: StoryLine[];
}

function setScene(seed: number, saved?: { town: TownState; stories: StoriesState }): Scene {
  const network = new WhatsAppNetwork({ clock, random: seededRandom(seed) });
  const media = new MediaServer({ clock, violations: network.violations });
  const town = new Town({ network, media, state: saved?.town });
  const lines: StoryLine[] = [];
  const tell = (line: StoryLine): void => void lines.push(line);
  const stories = new Stories({ town, clock, random: seededRandom(seed), tell, state: saved?.stories });
  town.start();
  stories.start();
  running.push(stories);
  return { network, town, stories, lines };
}

beforeEach(() => {
  clock = new VirtualClock();
  running = [];
});

afterEach(() => {
  for (const stories of running) stories.stop();
});

describe('stories of the sandbox', () => {
  it('let every guest write first: text, picture, voice note, group', async () => {
    const { network, town, lines } = setScene(1);
    await clock.advance(2 * MINUTE_MS);
    const seen = town.phone.inbox.messages();
    expect(seen.map((item) => item.content.kind)).toEqual(['text', 'text', 'text', 'image', 'voice', 'text', 'text']);
    expect(seen.at(-1)?.chat).toMatch(/@g\.us$/);
    expect(town.guest('katrin').inbox.texts()).toHaveLength(1);
    expect(lines.map((line) => line.who)).toEqual([
      'Katrin Berger',
      'James Whitfield',
      'James Whitfield',
      'Chloé Martin',
      'Marcus Reed',
      'Marcus Reed',
      'Katrin Berger',
      'Jonas Berger',
    ]);
    expect(network.violations.all()).toEqual([]);
  });

  it('let a guest read after a while, answer twice, and then only read', async () => {
    const { town, lines, network } = setScene(1);
    await clock.advance(2 * MINUTE_MS);
    const katrin = town.guest('katrin');
    lines.length = 0;
    for (const text of ['Ab 15 Uhr.', 'Gern geschehen!', 'Gute Anreise.']) {
      const id = await town.phone.sayFromPhone(katrin.pn, text);
      await settle();
      expect(town.phone.inbox.wasMarked(id, 'read')).toBe(false);
      await clock.advance(MINUTE_MS);
      expect(town.phone.inbox.wasMarked(id, 'read')).toBe(true);
    }
    expect(lines.map((line) => `${line.who} ${line.what}`)).toEqual([
      'Hotel Seeblick to Katrin Berger: "Ab 15 Uhr."',
      'Katrin Berger has read your message',
      'Katrin Berger writes: "Wunderbar, vielen Dank! Dann bis morgen."',
      'Hotel Seeblick to Katrin Berger: "Gern geschehen!"',
      'Katrin Berger has read your message',
      'Katrin Berger writes: "😊"',
      'Hotel Seeblick to Katrin Berger: "Gute Anreise."',
      'Katrin Berger has read your message',
    ]);
    expect(network.violations.all()).toEqual([]);
  });

  it('read, but do not answer, what belongs to no story of theirs', async () => {
    const { town, lines } = setScene(1);
    const early = await town.phone.sayFromPhone(town.guest('marcus').pn, 'Welcome!');
    const beside = await town.phone.sayFromPhone(town.guest('jonas').pn, 'Hallo Jonas');
    await clock.advance(20_000);
    expect(town.phone.inbox.wasMarked(early, 'read')).toBe(true);
    expect(town.phone.inbox.wasMarked(beside, 'read')).toBe(true);
    await clock.advance(2 * MINUTE_MS);
    const other = await town.phone.sayFromPhone(town.guest('jonas').pn, 'Noch etwas');
    await clock.advance(MINUTE_MS);
    expect(town.phone.inbox.wasMarked(other, 'read')).toBe(true);
    expect(lines.filter((line) => /appreciate|Super/.test(line.what))).toEqual([]);
  });

  it('tell of a message to the group once, and answer there', async () => {
    const { town, lines } = setScene(1);
    await clock.advance(2 * MINUTE_MS);
    const group = town.phone.inbox.messages().at(-1)?.chat ?? '';
    await town.phone.sayFromPhone(group, 'Ja, am Bootshaus.');
    await clock.advance(MINUTE_MS);
    expect(lines.filter((line) => line.what === 'to the group: "Ja, am Bootshaus."')).toHaveLength(1);
    expect(lines.at(-1)).toMatchObject({ who: 'Jonas Berger', what: 'writes: "Super, danke!"' });
  });

  it('read what comes while they are typing', async () => {
    const { town } = setScene(1);
    await clock.advance(2 * MINUTE_MS);
    const first = await town.phone.sayFromPhone(town.guest('james').pn, 'The password is at the desk.');
    await clock.advance(6_000);
    const second = await town.phone.sayFromPhone(town.guest('james').pn, 'Or ask me here.');
    await clock.advance(MINUTE_MS);
    expect(town.phone.inbox.wasMarked(first, 'read')).toBe(true);
    expect(town.phone.inbox.wasMarked(second, 'read')).toBe(true);
  });

  it('run the same way for the same seed, and at another pace for another', async () => {
    const play = async (seed: number): Promise<StoryLine[]> => {
      clock = new VirtualClock();
      const { town, lines } = setScene(seed);
      await clock.advance(2 * MINUTE_MS);
      await town.phone.sayFromPhone(town.guest('chloe').pn, 'Quelqu’un arrive.');
      await clock.advance(MINUTE_MS);
      return lines;
    };
    const first = await play(7);
    expect(await play(7)).toEqual(first);
    expect(await play(8)).not.toEqual(first);
  });

  it('go on after a restart: nobody begins again, sessions and answers continue', async () => {
    const before = setScene(1);
    await clock.advance(2 * MINUTE_MS);
    await before.town.phone.sayFromPhone(before.town.guest('katrin').pn, 'Ab 15 Uhr.');
    await clock.advance(MINUTE_MS);
    before.stories.stop();
    const saved: unknown = JSON.parse(
      JSON.stringify({ town: before.town.exportState(), stories: before.stories.exportState() }),
    );
    const after = setScene(2, saved as { town: TownState; stories: StoriesState });
    await clock.advance(2 * MINUTE_MS);
    expect(after.lines).toEqual([]);
    expect(after.town.media.shelf.size).toBe(2);
    await after.town.phone.sayFromPhone(after.town.guest('katrin').pn, 'Bis morgen!');
    await clock.advance(MINUTE_MS);
    expect(after.lines.at(-1)?.what).toBe('writes: "😊"');
    expect(after.network.violations.all()).toEqual([]);
  });

  it('keep control characters out of their lines', async () => {
    const { town, lines } = setScene(1);
    await clock.advance(3_000);
    await town.phone.sayFromPhone(town.guest('james').pn, 'red \u001B[31m alarm\nsecond line');
    await settle();
    expect(lines.at(-1)?.what).toBe('to James Whitfield: "red  [31m alarm second line"');
  });

  it('tell also what guests are made to do, and nothing of what nobody can see', () => {
    const { stories, lines } = setScene(1);
    stories.tellOfControl('chloe', 'say', { text: 'Merci !' });
    stories.tellOfControl('marcus', 'offline', {});
    stories.tellOfControl('marcus', 'type', { on: true });
    expect(lines.map(({ who, what }) => `${who} ${what}`)).toEqual([
      'Chloé Martin writes: "Merci !"',
      'Marcus Reed switches the phone off',
    ]);
  });

  it('stop without leaving timers behind', async () => {
    const { stories, town } = setScene(1);
    await clock.advance(3_000);
    stories.stop();
    town.stop();
    await settle();
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('a town with an unmodified client as the hotel', () => {
  it('outlives a restart of everything: links, sessions, and what was waiting', async () => {
    muteLibsignal();
    const auth = makeAuth();
    const network = new WhatsAppNetwork({ clock: systemClock, random: systemRandom });
    await network.start();
    const town = new Town({ network, media: new MediaServer({ clock: systemClock }) });
    town.start();
    const first = new TestClient(network, auth);
    await town.phone.scan(await first.qr());
    await first.closed();
    const client = new TestClient(network, auth);
    await client.open();
    const james = town.guest('james');
    await client.message(await james.say('Hello'));
    await client.sock.sendMessage(james.pn, { text: 'Good evening' });
    await james.inbox.waitForText('Good evening');
    await client.end();
    const waiting = await james.say('Anybody there?');
    await town.settle();
    const saved = JSON.stringify({ network: network.exportState(), town: town.exportState() });
    await network.stop();

    const state = JSON.parse(saved) as { network: ReturnType<WhatsAppNetwork['exportState']>; town: TownState };
    const again = new WhatsAppNetwork({ clock: systemClock, random: systemRandom, state: state.network });
    await again.start();
    const townAgain = new Town({ network: again, media: new MediaServer({ clock: systemClock }), state: state.town });
    townAgain.start();
    const back = new TestClient(again, auth);
    const { message } = await back.message(waiting);
    expect(message?.conversation).toBe('Anybody there?');
    await back.sock.sendMessage(james.pn, { text: 'We are back' });
    const shown = await townAgain.guest('james').inbox.waitForText('We are back');
    expect(shown.author).toBe(town.phone.lid);
    await townAgain.phone.inbox.waitForText('We are back');
    expect(back.messages.some(({ message: { message } }) => message?.protocolMessage)).toBe(false);
    expect(again.violations.all()).toEqual([]);
    expect(network.violations.all()).toEqual([]);
    await back.end();
    await again.stop();
  });

  it('is understood after a crash that took the last messages from its memory', async () => {
    muteLibsignal();
    const auth = makeAuth();
    const network = new WhatsAppNetwork({ clock: systemClock, random: systemRandom });
    await network.start();
    const town = new Town({ network, media: new MediaServer({ clock: systemClock }) });
    town.start();
    const first = new TestClient(network, auth);
    await town.phone.scan(await first.qr());
    await first.closed();
    const client = new TestClient(network, auth);
    await client.open();
    const james = town.guest('james');
    await client.message(await james.say('one'));
    await town.settle();
    const state = structuredClone({ network: network.exportState(), town: town.exportState() });
    for (const text of ['two', 'three']) await client.message(await james.say(text));
    await client.end();
    await network.stop();

    const again = new WhatsAppNetwork({ clock: systemClock, random: systemRandom, state: state.network });
    await again.start();
    const townAgain = new Town({ network: again, media: new MediaServer({ clock: systemClock }), state: state.town });
    townAgain.start();
    townAgain.loseSessions();
    const back = new TestClient(again, auth);
    await back.open();
    const four = await back.message(await townAgain.guest('james').say('four'));
    expect(four.message?.conversation).toBe('four');
    await back.sock.sendMessage(james.pn, { text: 'five' });
    await townAgain.guest('james').inbox.waitForText('five');
    await townAgain.phone.inbox.waitForText('five');
    await back.end();
    await again.stop();
  });

  it('links a crowd, a few at a time', async () => {
    muteLibsignal();
    const network = new WhatsAppNetwork({ clock: systemClock, random: systemRandom });
    await network.start();
    const crowd = new Crowd({ network, shelf: new MediaServer({ clock: systemClock }).shelf, size: 3 });
    crowd.start();
    const clients: TestClient[] = [];
    await crowd.linkAll(async () => {
      const client = new TestClient(network, makeAuth());
      clients.push(client);
      return client.qr();
    }, 2);
    expect(crowd.accounts.map(({ phone }) => phone.companions().length)).toEqual([1, 1, 1]);
    await Promise.all(clients.map((client) => client.end()));
    await network.stop();
    expect(network.violations.all()).toEqual([]);
  });
});

describe('a crowd', () => {
  it('gives many accounts a phone and a writing guest each', async () => {
    const network = new WhatsAppNetwork({ clock, random: seededRandom(1) });
    const media = new MediaServer({ clock });
    const crowd = new Crowd({ network, shelf: media.shelf, size: 120 });
    crowd.start();
    await crowd.sayAll((index) => `hello ${index}`);
    const last = crowd.accounts.at(-1);
    await last?.phone.inbox.waitForText('hello 119');
    expect(new Set(crowd.accounts.flatMap(({ phone, guest }) => [phone.lid, guest.lid])).size).toBe(240);
    expect(network.violations.all()).toEqual([]);
  });
});
