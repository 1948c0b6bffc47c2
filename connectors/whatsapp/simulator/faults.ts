/** Placeholder until the levers land in the same file. */
export interface Faults {
  clear(): void;
}
