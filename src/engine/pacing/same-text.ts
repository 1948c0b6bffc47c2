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

  /**
   * Whether with this one more than `most` conversations would have had the text within the hour that ends with `at`. `at` never
   * goes back.
   */
  wouldPass(
    most: number,
    send: { readonly textKey: string; readonly conversationId: string; readonly at: number },
  ): boolean {
    const sends = this.#byText.get(send.textKey);
    if (sends === undefined) return most < 1;
    while (sends[0] !== undefined && sends[0].at <= send.at - HOUR_MS) sends.shift();
    if (sends.length < most) return false;
    return new Set(sends.map(({ conversationId }) => conversationId)).add(send.conversationId).size > most;
  }
}
