/** One metric: the registry is built from these and so is the reference page. */
export interface MetricDefinition {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  readonly buckets?: readonly number[];
}

export const define = <const T extends Record<string, MetricDefinition>>(definitions: T): T => definitions;
