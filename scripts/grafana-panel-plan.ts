/** One panel of the dashboard, before it gets its place. */
export interface PanelPlan {
  readonly title: string;
  readonly type: 'stat' | 'table' | 'timeseries' | 'state-timeline';
  /** Of 24 columns. */
  readonly width: number;
  readonly height: number;
  readonly queries: readonly { readonly expr: string; readonly legend?: string }[];
  /** Grafana's name of it. */
  readonly unit?: string;
  readonly description?: string;
}

export interface RowPlan {
  readonly title: string;
  readonly panels: readonly PanelPlan[];
}

/** Bars and lines that add up to something. */
export const HALF = { type: 'timeseries', width: 12, height: 7 } as const;
export const THIRD = { type: 'timeseries', width: 8, height: 7 } as const;
export const NUMBER = { type: 'stat', width: 4, height: 4 } as const;
/** What the variables of the dashboard choose. */
export const AT = 'instance=~"$instance"';
export const OF = `${AT}, session=~"$session"`;
