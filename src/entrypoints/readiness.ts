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
