import { LRUCache } from 'lru-cache';
import type { Clock } from '../../kernel/clock.js';

const MINUTE_MS = 60_000;
const REMEMBERED_MAX = 10_000;

type Window = { endsAtMs: number; left: number };

/** How often each of many may do something within a window, which begins when they first do. Counted in this process alone. */
export class PerWindow {
  private readonly windows = new LRUCache<string, Window>({ max: REMEMBERED_MAX });

  constructor(
    private readonly nowMs: () => number,
    private readonly windowMs: number,
    private readonly max: number,
  ) {}

  /** Null where this one may go on, otherwise the seconds to wait. */
  waitOf(who: string): number | null {
    const now = this.nowMs();
    let window = this.windows.get(who);
    if (!window || now >= window.endsAtMs) {
      window = { endsAtMs: now + this.windowMs, left: this.max };
      this.windows.set(who, window);
    }
    window.left -= 1;
    return window.left >= 0 ? null : Math.ceil((window.endsAtMs - now) / 1000);
  }
}

/** The same for a minute of the service's clock. */
export class PerMinute extends PerWindow {
  constructor(clock: Clock, perMinute: number) {
    super(() => clock.now().getTime(), MINUTE_MS, perMinute);
  }
}
