import { continueAsNew, proxyActivities, sleep } from '@temporalio/workflow';
import type { RevocationListsActivities } from './activities.js';

const { publishRevocationLists } = proxyActivities<RevocationListsActivities>({
  startToCloseTimeout: '10 minutes',
  // For ever: a list that is not published runs out for everybody.
  retry: { initialInterval: '10 seconds', maximumInterval: '10 minutes' },
});

/** A history must not grow without end; the next run begins where this one leaves off. */
const ROUNDS_IN_ONE_RUN = 100;

/** Publishes every revocation list before it runs out, for as long as there is a service. */
export async function revocationLists(): Promise<void> {
  for (let round = 0; round < ROUNDS_IN_ONE_RUN; round += 1) {
    const nextDue = await publishRevocationLists();
    await sleep(Math.max(0, Date.parse(nextDue) - Date.now()));
  }
  await continueAsNew<typeof revocationLists>();
}
