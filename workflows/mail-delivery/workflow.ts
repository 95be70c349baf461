import { ActivityFailure, proxyActivities, sleep } from '@temporalio/workflow';
import type { MailDeliveryActivities } from './activities.js';
import type { Delivery, Tried } from './messages.js';

/** One try is one activity: how long to wait between two of them is told below, in one place. */
const { sendMail } = proxyActivities<MailDeliveryActivities>({
  startToCloseTimeout: '2 minutes',
  retry: { maximumAttempts: 1 },
});
const { recordMailSent, recordMailFailed } = proxyActivities<MailDeliveryActivities>({
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});

const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 30 * 60_000;

/** Ten seconds, twenty, forty … and every half hour from then on. */
const pauseMs = (attempt: number): number => Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);

/** Tries a mail until somebody takes it, it is refused for good, or its day is over. The last try is at the deadline. */
export async function mailDelivery(delivery: Delivery): Promise<'sent' | 'failed' | 'over'> {
  for (let attempt = 1; ; attempt += 1) {
    const tried = await attemptAt(delivery);
    if (tried.outcome === 'over') return 'over';
    if (tried.outcome === 'sent') {
      await recordMailSent(delivery, tried);
      return 'sent';
    }
    const leftMs = Date.parse(delivery.deadline) - Date.now();
    if (tried.outcome === 'never' || leftMs <= 0) {
      await recordMailFailed(delivery, tried);
      return 'failed';
    }
    await sleep(Math.min(pauseMs(attempt), leftMs));
  }
}

/** A try that broke off, whatever broke it, may have gone through or not; another one is no harm. */
async function attemptAt(delivery: Delivery): Promise<Tried> {
  try {
    return await sendMail(delivery);
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return { outcome: 'later', reason: 'the try broke off' };
  }
}
