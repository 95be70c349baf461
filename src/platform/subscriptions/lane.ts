import { type Handed, isLater, positionOf } from '../event-store/event-store.js';
import type { Position } from '../event-store/recorded.js';

/** What one follower has yet to take of what the common subscription brought. */
export class Lane {
  /** The last that was taken. */
  position: Position | null = null;
  overflowed = false;
  private waiting: Handed[] = [];
  private skipping = false;
  private ended = false;
  private why: unknown = null;
  private wake: () => void = () => undefined;

  constructor(
    readonly typePrefixes: readonly string[],
    private readonly waitingMax: number,
  ) {}

  get isEmpty(): boolean {
    return this.waiting.length === 0;
  }

  put(handed: Handed): void {
    if (this.overflowed || this.ended) return;
    if (this.skipping && !isLater(positionOf(handed), this.position!)) return;
    this.skipping = false;
    if (this.waiting.length >= this.waitingMax) this.overflowed = true;
    else this.waiting.push(handed);
    this.wake();
  }

  /** So long as there is room: it is told again later, and nothing is lost with it. */
  pass(position: Position): void {
    const last = this.waiting.at(-1);
    if (last && 'passed' in last) this.waiting.pop();
    if (this.waiting.length < this.waitingMax) this.put({ passed: position });
  }

  /** What was taken another way is not handed out again. */
  skipUpTo(position: Position | null): void {
    this.position = position;
    if (position === null) return;
    this.waiting = this.waiting.filter((handed) => isLater(positionOf(handed), position));
    // Of what the common subscription has yet to bring the first may still be earlier.
    this.skipping = this.waiting.length === 0;
  }

  /** Nothing more comes; with a reason, that is thrown once everything is taken. */
  end(why: unknown): void {
    this.ended = true;
    this.why ??= why;
    this.wake();
  }

  /** Its follower is gone; what is left is for nobody. */
  close(): void {
    this.waiting = [];
    this.end(null);
  }

  take(max: number): readonly Handed[] {
    const taken = this.waiting.splice(0, max);
    const last = taken.at(-1);
    if (last) this.position = positionOf(last);
    return taken;
  }

  /** In their order, until the end or until it could not hold them all. */
  async *events(): AsyncGenerator<Handed> {
    for (;;) {
      const [first] = this.take(1);
      if (first) yield first;
      else if (this.ended) break;
      else if (this.overflowed) return;
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
    if (this.why !== null) throw this.why as Error;
  }
}
