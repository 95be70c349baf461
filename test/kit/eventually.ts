import { setTimeout as wait } from 'node:timers/promises';

/** What lags a moment behind comes, or the test ends in its time-out. */
export const eventually = async <T>(ask: () => Promise<T>, enough: (answer: T) => boolean): Promise<T> => {
  for (;;) {
    const answer = await ask();
    if (enough(answer)) return answer;
    await wait(20);
  }
};
