type Counts = ReadonlyMap<string, number>;
export type Patience = Readonly<{ answerMs: number; keptMs: number }>;

const PATIENCE: Patience = { answerMs: 1_000, keptMs: 15_000 };

/**
 * What is counted when somebody looks: not more than once in a while, however many look, and nobody is kept
 * waiting for it. What is too old or was not told in time is null rather than wrong.
 */
export class Counted {
  private kept: Readonly<{ counts: Counts | null; untilMs: number }> = { counts: null, untilMs: 0 };
  private running: Promise<void> | null = null;

  constructor(
    private readonly count: () => Promise<Counts>,
    private readonly patience: Patience = PATIENCE,
  ) {}

  async latest(): Promise<Counts | null> {
    if (this.fresh()) return this.kept.counts;
    this.running ??= this.counting();
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, this.patience.answerMs);
    await Promise.race([this.running, late.promise]);
    clearTimeout(timer);
    return this.fresh() ? this.kept.counts : null;
  }

  private fresh(): boolean {
    return performance.now() < this.kept.untilMs;
  }

  /** A failure is kept as well: asking again at once would cost as much and tell no more. */
  private async counting(): Promise<void> {
    const counts = await this.count().catch(() => null);
    this.kept = { counts, untilMs: performance.now() + this.patience.keptMs };
    this.running = null;
  }
}
