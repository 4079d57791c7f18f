/** Answers as numbers: the same labels in the same order have the same number, from 1 on; 0 is no answer. */
export class LabelSets {
  private readonly codes = new Map<string, number>();
  private readonly sets: (readonly string[])[] = [[]];

  codeOf(labels: readonly string[]): number {
    return this.codeOfJoined(labels.join('\n'));
  }

  /** @param joined labels with line breaks between them, which no label holds */
  codeOfJoined(joined: string): number {
    const known = this.codes.get(joined);
    if (known !== undefined) return known;
    const code = this.sets.push(joined === '' ? [] : joined.split('\n')) - 1;
    this.codes.set(joined, code);
    return code;
  }

  labelsOf(code: number): readonly string[] | null {
    return code === 0 ? null : this.sets[code];
  }

  /** All that were met so far, by code. */
  get all(): readonly (readonly string[])[] {
    return this.sets;
  }
}
