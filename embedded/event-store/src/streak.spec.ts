import { setTimeout as sleep } from 'node:timers/promises';
import { keepPace, Streak } from './streak.js';

/** For how long the event loop slept while it had nothing to do for 50 ms. */
const sleptMs = async (): Promise<number> => {
  const before = performance.eventLoopUtilization();
  await sleep(50);
  return performance.eventLoopUtilization(before).idle;
};

describe('the host of a node', () => {
  let streak: Streak;
  let stop: () => void;
  beforeEach(() => {
    streak = new Streak();
    stop = keepPace(streak);
  });
  afterEach(() => stop());

  it('shares one number with the node', () => {
    streak.goOn();
    expect(new Streak(streak.shared).state).toBe(streak.state);
    streak.end();
    expect(new Streak(streak.shared).state).toBe(0);
  });

  it('sleeps while there is no streak', async () => expect(await sleptMs()).toBeGreaterThan(0));

  it('sleeps again when an append of a streak takes long, or its node has died', async () => {
    streak.goOn();
    expect(await sleptMs()).toBeGreaterThan(0);
  });

  it('goes from turn to turn while a streak goes on', async () => {
    let turns = 0;
    const count = (): void => {
      turns += 1;
      next = setImmediate(count).unref();
    };
    let next = setImmediate(count).unref();
    const turnsIn = async (appends: number, between: () => void): Promise<number> => {
      const before = turns;
      for (let append = 0; append < appends; append++) {
        between();
        await sleep(1);
      }
      return turns - before;
    };
    const APPENDS = 20;
    const asleep = await turnsIn(APPENDS, () => undefined);
    const awake = await turnsIn(APPENDS, () => streak.goOn());
    clearImmediate(next);
    // A few turns for each timer; or as many as there is time for.
    expect(awake).toBeGreaterThan(3 * asleep);
  });
});
