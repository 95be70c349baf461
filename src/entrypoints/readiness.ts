import { Counted } from '../platform/telemetry/counted.js';

/** Null, or what is wrong. */
export type Check = () => Promise<string | null>;

/** Whoever asks has little patience, and a part that hangs is told of like one that is gone. */
const ANSWER_MAX_MS = 2_000;
const SILENT = 'does not answer';

export const answered =
  (ask: () => Promise<unknown>): Check =>
  async () => {
    await ask();
    return null;
  };

const inTime = async (check: Check): Promise<string | null> => {
  const late = Promise.withResolvers<string>();
  const timer = setTimeout(() => late.resolve(SILENT), ANSWER_MAX_MS);
  try {
    return await Promise.race([check(), late.promise]);
  } catch {
    return SILENT;
  } finally {
    clearTimeout(timer);
  }
};

/** Every check at once, each with an answer in time. */
export const carriedOut = async (
  checks: Readonly<Record<string, Check>>,
): Promise<Readonly<Record<string, string | null>>> =>
  Object.fromEntries(
    await Promise.all(Object.entries(checks).map(async ([part, check]) => [part, await inTime(check)] as const)),
  );

/** Longer than anybody who is at work lets an event wait. */
const LAG_MAX_S = 10;
const PATIENCE = { answerMs: 1_500, keptMs: 2_000 };

/** Names those that let an event wait too long. A lag that cannot be measured is not theirs: what is away says so itself. */
export const behindOf = (seconds: () => Promise<ReadonlyMap<string, number>>) => {
  const latest = new Counted(seconds, PATIENCE);
  return async (followers: readonly Readonly<{ name: string }>[]): Promise<string | null> => {
    const lags = await latest.latest();
    const late = followers.filter(({ name }) => (lags?.get(name) ?? 0) > LAG_MAX_S);
    return late.length === 0 ? null : `behind: ${late.map(({ name }) => name).join(', ')}`;
  };
};
