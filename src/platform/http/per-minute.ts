import { LRUCache } from 'lru-cache';
import type { Clock } from '../../kernel/clock.js';

const WINDOW_MS = 60_000;
const REMEMBERED_MAX = 10_000;

/** How often each of many may do something in a minute. Counted in this process alone. */
export class PerMinute {
  private readonly windows = new LRUCache<string, { endsAt: number; left: number }>({ max: REMEMBERED_MAX });

  constructor(
    private readonly clock: Clock,
    private readonly perMinute: number,
  ) {}

  /** Null where this one may go on, otherwise the seconds to wait. */
  waitOf(who: string): number | null {
    const now = this.clock.now().getTime();
    let window = this.windows.get(who);
    if (!window || now >= window.endsAt) {
      window = { endsAt: now + WINDOW_MS, left: this.perMinute };
      this.windows.set(who, window);
    }
    window.left -= 1;
    return window.left >= 0 ? null : Math.ceil((window.endsAt - now) / 1000);
  }
}
