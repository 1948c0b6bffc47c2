const HOUR_MS = 60 * 60_000;

/** Who was sent the same text within an hour. */
export class SameText {
  readonly #byText = new Map<string, { readonly at: number; readonly conversationId: string }[]>();

  record(textKey: string | null, conversationId: string, at: number): void {
    if (textKey === null) return;
    const sends = this.#byText.get(textKey);
    if (sends === undefined) this.#byText.set(textKey, [{ at, conversationId }]);
    else sends.push({ at, conversationId });
  }

  /** How many conversations would have had this text within the hour that ends with `at`, with this one. `at` never goes back. */
  contactsWith(textKey: string, conversationId: string, at: number): number {
    const sends = this.#byText.get(textKey);
    if (sends === undefined) return 1;
    while (sends[0] !== undefined && sends[0].at <= at - HOUR_MS) sends.shift();
    return new Set(sends.map((send) => send.conversationId)).add(conversationId).size;
  }
}
