/** So many at once; the others wait in line. */
export class Places {
  private free: number;
  private readonly line: (() => void)[] = [];

  constructor(count: number) {
    this.free = count;
  }

  async take(): Promise<void> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((done) => this.line.push(done));
  }

  give(): void {
    const next = this.line.shift();
    if (next) next();
    else this.free += 1;
  }
}
