import type { TimeControl } from '../clock/time-control.js';
import type { temporal } from '../protocol/messages.js';
import type { Handlers } from '../protocol/server.js';
import { durationMs, timestampMs, toTimestamp } from '../protocol/time.js';

type Sleep = temporal.api.testservice.v1.SleepRequest;
type SleepUntil = temporal.api.testservice.v1.SleepUntilRequest;

/** The public calls by which test environments drive a server's clock. Only there when asked for at start. */
export const testServiceHandlers = <T>(time: TimeControl<T>): Handlers => ({
  LockTimeSkipping: () => {
    time.lock();
    return {};
  },
  UnlockTimeSkipping: () => {
    time.unlock();
    return {};
  },
  GetCurrentTime: () => ({ time: toTimestamp(time.nowMs()) }),
  Sleep: async ({ duration }: Sleep) => {
    await time.sleepUntil(time.nowMs() + durationMs(duration), false);
    return {};
  },
  SleepUntil: async ({ timestamp }: SleepUntil) => {
    await time.sleepUntil(timestampMs(timestamp), false);
    return {};
  },
  UnlockTimeSkippingWithSleep: async ({ duration }: Sleep) => {
    await time.sleepUntil(time.nowMs() + durationMs(duration), true);
    return {};
  },
});
