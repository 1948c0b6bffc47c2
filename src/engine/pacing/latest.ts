import type { PaceRule } from './types.ts';

/** Of several things to wait for the one that takes longest. */
export class Latest {
  at: number;
  rule: PaceRule;
  /** When the rule itself lets go; `at` can be a little later, as people are. */
  until: number;

  constructor(at: number, rule: PaceRule, until = at) {
    this.at = at;
    this.rule = rule;
    this.until = until;
  }

  reset(at: number, rule: PaceRule): this {
    this.at = at;
    this.rule = rule;
    this.until = at;
    return this;
  }

  copy(other: Latest): this {
    this.at = other.at;
    this.rule = other.rule;
    this.until = other.until;
    return this;
  }

  take(at: number, rule: PaceRule, until = at): this {
    if (at <= this.at) return this;
    this.at = at;
    this.rule = rule;
    this.until = until;
    return this;
  }
}
