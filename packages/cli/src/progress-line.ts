import type { Progress } from '@labelwright/engine/runs/label-project';

/** One line on the terminal that is written over; silent where the output is not a terminal. */
export class ProgressLine {
  private readonly stream = process.stderr;
  private phase = '';
  private started = 0;
  private drawn = 0;

  readonly update = ({ phase, done, share }: Progress): void => {
    if (!this.stream.isTTY) return;
    const now = performance.now();
    if (phase !== this.phase) {
      this.phase = phase;
      this.started = now;
    } else if (now - this.drawn < 100) return;
    this.drawn = now;
    const seconds = (now - this.started) / 1000;
    const speed = seconds > 0.2 && done > 0 ? ` · ${Math.round(done / seconds).toLocaleString('en')}/s` : '';
    const left = share !== undefined && share > 0.02 && share < 1 ? ` · ${Math.ceil((seconds * (1 - share)) / share)} s left` : '';
    const percent = share === undefined ? '' : ` · ${Math.round(share * 100)} %`;
    this.draw(`${phase}${done > 0 ? `: ${done.toLocaleString('en')} items` : ' …'}${percent}${speed}${left}`);
  };

  clear(): void {
    if (this.stream.isTTY) this.draw('');
  }

  private draw(text: string): void {
    this.stream.write(`\r\u001b[2K${text}`);
  }
}
