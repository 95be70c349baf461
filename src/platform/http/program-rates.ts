import { LRUCache } from 'lru-cache';
import type { Clock } from '../../kernel/clock.js';

const WINDOW_MS = 60_000;
const PROGRAMS_REMEMBERED_MAX = 10_000;

/**
 * How often each token may ask, whatever addresses it asks from; the limit by address stands before it and holds back
 * whoever tries tokens. Counted in this process alone.
 */
export class ProgramRates {
  private readonly windows = new LRUCache<string, { endsAt: number; left: number }>({ max: PROGRAMS_REMEMBERED_MAX });

  constructor(
    private readonly clock: Clock,
    private readonly perMinute: number,
  ) {}

  /** Null where the token may go on, otherwise the seconds that it must wait. */
  waitOf(tokenId: string): number | null {
    const now = this.clock.now().getTime();
    let window = this.windows.get(tokenId);
    if (!window || now >= window.endsAt) {
      window = { endsAt: now + WINDOW_MS, left: this.perMinute };
      this.windows.set(tokenId, window);
    }
    window.left -= 1;
    return window.left >= 0 ? null : Math.ceil((window.endsAt - now) / 1000);
  }
}
