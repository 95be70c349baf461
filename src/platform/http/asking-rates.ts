import { LRUCache } from 'lru-cache';
import type { Clock } from '../../kernel/clock.js';

const WINDOW_MS = 60_000;
const REMEMBERED_MAX = 10_000;

/** How often one asker may ask within a minute. Counted in this process alone. */
export class Rates {
  private readonly windows = new LRUCache<string, { endsAt: number; left: number }>({ max: REMEMBERED_MAX });

  constructor(
    private readonly clock: Clock,
    private readonly perMinute: number,
  ) {}

  /** Null where the asker may go on, otherwise the seconds to wait. */
  waitOf(asker: string): number | null {
    const now = this.clock.now().getTime();
    let window = this.windows.get(asker);
    if (!window || now >= window.endsAt) {
      window = { endsAt: now + WINDOW_MS, left: this.perMinute };
      this.windows.set(asker, window);
    }
    window.left -= 1;
    return window.left >= 0 ? null : Math.ceil((window.endsAt - now) / 1000);
  }
}

/**
 * For each token, whatever addresses it asks from; the limit by address stands before it and holds back whoever tries
 * tokens.
 */
export class ProgramRates extends Rates {}
