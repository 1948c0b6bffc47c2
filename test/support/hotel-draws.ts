import type { Random } from '../../src/core/random.ts';

/** Draws of a made-up hotel, all from one seed. */
export class Draws {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  chance(probability: number): boolean {
    return this.#random.next() < probability;
  }

  between(least: number, most: number): number {
    return least + this.#random.next() * (most - least);
  }

  whole(least: number, most: number): number {
    return least + Math.floor(this.#random.next() * (most - least + 1));
  }

  /** Small and large alike often, as factors. */
  scale(least: number, most: number): number {
    return least * (most / least) ** this.#random.next();
  }

  logNormal(median: number, sigma: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.#random.next()));
    return median * Math.exp(sigma * radius * Math.cos(2 * Math.PI * this.#random.next()));
  }

  poisson(mean: number): number {
    let count = 0;
    for (let left = mean; ; count += 1) {
      left += Math.log(1 - this.#random.next());
      if (left < 0) return count;
    }
  }

  pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[Math.floor(this.#random.next() * choices.length)] ?? choices[0];
  }
}
