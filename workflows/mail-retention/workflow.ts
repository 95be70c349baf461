import { continueAsNew, proxyActivities, sleep } from '@temporalio/workflow';
import type { MailRetentionActivities } from './activities.js';

const { forgetOldLetters } = proxyActivities<MailRetentionActivities>({
  startToCloseTimeout: '10 minutes',
  // For ever: what should be forgotten must not stay because of a bad day.
  retry: { initialInterval: '10 seconds', maximumInterval: '1 hour' },
});

/** A history must not grow without end; the next run begins where this one leaves off. */
const ROUNDS_IN_ONE_RUN = 100;
const DAY_MS = 86_400_000;
/** A shorter period may have been configured meanwhile. */
const LONGEST_PAUSE_MS = 7 * DAY_MS;

/** Forgets how mails went out when their time is over, for as long as there is a service. */
export async function mailRetention(): Promise<void> {
  for (let round = 0; round < ROUNDS_IN_ONE_RUN; round += 1) {
    const nextDue = await forgetOldLetters();
    // Many fall due in one day; they go together.
    const untilMs = Math.max(DAY_MS, Date.parse(nextDue) - Date.now());
    await sleep(Math.min(untilMs, LONGEST_PAUSE_MS));
  }
  await continueAsNew<typeof mailRetention>();
}
