/** The two-sample test of Kolmogorov and Smirnov: the largest distance between the shares of two samples below any value. */
export function distance(one: readonly number[], other: readonly number[]): number {
  const [left, right] = [one.toSorted((a, b) => a - b), other.toSorted((a, b) => a - b)];
  let [i, j, largest] = [0, 0, 0];
  while (i < left.length && j < right.length) {
    const value = Math.min(left[i] ?? Infinity, right[j] ?? Infinity);
    while (i < left.length && left[i] === value) i += 1;
    while (j < right.length && right[j] === value) j += 1;
    largest = Math.max(largest, Math.abs(i / left.length - j / right.length));
  }
  return largest;
}

/** The distance that two samples of one distribution pass with the probability `alpha`; for samples of some dozens and more. */
export function criticalDistance(sizes: readonly [number, number], alpha: number): number {
  const [n, m] = sizes;
  return Math.sqrt(-Math.log(alpha / 2) / 2) * Math.sqrt((n + m) / (n * m));
}

/** Whether both samples may well come from one distribution. */
export function looksAlike(one: readonly number[], other: readonly number[], alpha = 0.01): boolean {
  return distance(one, other) <= criticalDistance([one.length, other.length], alpha);
}
