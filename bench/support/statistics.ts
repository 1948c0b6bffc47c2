/** The value below which the share `q` (0 to 1) of the samples lies; 0 for none. */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0;
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** `12.3 (11.0–14.2)`: the median of the rounds and their extremes. */
export function describeSpread(samples: readonly number[], digits = 1): string {
  const text = (value: number): string => value.toFixed(digits);
  return `${text(median(samples))} (${text(quantile(samples, 0))}–${text(quantile(samples, 1))})`;
}
