import { ActivityFailure, ApplicationFailure, patched, proxyActivities, sleep } from '@temporalio/workflow';
import type { MailDeliveryActivities } from './activities.js';
import type { Delivery, NotSent, Tried } from './messages.js';

/** One try is one activity: how long to wait between two of them is told below, in one place. */
const { sendMail } = proxyActivities<MailDeliveryActivities>({
  startToCloseTimeout: '2 minutes',
  retry: { maximumAttempts: 1 },
});
const { recordMailSent, recordMailFailed, recordMailUnconfirmed } = proxyActivities<MailDeliveryActivities>({
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});

const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 30 * 60_000;

/** Ten seconds, twenty, forty … and every half hour from then on. */
const pauseMs = (attempt: number): number => Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);

/** Processes that gave up before it was told go on as they began; the name stands for ever. */
const TELLS_DOUBT = 'mail-delivery-tells-doubt';

/** Tries a mail until somebody takes it, it is refused for good, or its day is over. The last try is at the deadline. */
export async function mailDelivery(delivery: Delivery): Promise<'sent' | 'failed' | 'unconfirmed' | 'over'> {
  let inDoubt: string | null = null;
  for (let attempt = 1; ; attempt += 1) {
    const triedAt = new Date().toISOString();
    const tried = await attemptAt(delivery);
    if (tried.outcome === 'over') return 'over';
    if (tried.outcome === 'sent') {
      await recordMailSent(delivery, tried);
      return 'sent';
    }
    if (tried.mayHaveArrived) inDoubt = triedAt;
    const leftMs = Date.parse(delivery.deadline) - Date.now();
    if (tried.outcome === 'never' || leftMs <= 0) return givenUp(delivery, tried, inDoubt);
    await sleep(Math.min(pauseMs(attempt), leftMs));
  }
}

/** "Failed" is said only of a mail of which it is certain that nobody got it. */
async function givenUp(delivery: Delivery, last: NotSent, inDoubt: string | null): Promise<'failed' | 'unconfirmed'> {
  if (inDoubt === null || !patched(TELLS_DOUBT)) {
    await recordMailFailed(delivery, last);
    return 'failed';
  }
  await recordMailUnconfirmed(delivery, last, inDoubt);
  return 'unconfirmed';
}

/** A try that broke off, whatever broke it, may have gone through or not; another one is no harm. */
async function attemptAt(delivery: Delivery): Promise<Tried> {
  try {
    return await sendMail(delivery);
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    const lost = { outcome: 'later', reason: 'the try broke off' } as const;
    // What it threw itself it threw before the mail left. Of one that was never heard of again nobody knows.
    return error.cause instanceof ApplicationFailure ? lost : { ...lost, mayHaveArrived: true };
  }
}
