import { condition, patched, proxyActivities, setHandler } from '@temporalio/workflow';
import type { CertificateExpiryActivities } from './activities.js';
import { certificateRevokedSignal, type Life } from './messages.js';

const { expireCertificate, remindOfExpiry } = proxyActivities<CertificateExpiryActivities>({
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '5 minutes' },
});

const SECOND_MS = 1000;
const DAY_MS = 86_400_000;
/** Enough for an order, an application and its review; and once more when it gets late. */
const REMINDERS_DAYS = [30, 7] as const;

/** Reminds of its end, and waits until the last second of a certificate is over, unless it is revoked before. */
export async function certificateExpiry(life: Life): Promise<'expired' | 'revoked'> {
  let revoked = false;
  setHandler(certificateRevokedSignal, () => void (revoked = true));
  const endMs = Date.parse(life.notAfter) + SECOND_MS;
  // Certificates that were issued under older code end without.
  for (const daysLeft of patched('reminders') ? REMINDERS_DAYS : []) {
    const waitMs = endMs - daysLeft * DAY_MS - Date.now();
    // Over already: the reminder before came late, and one is enough.
    if (waitMs <= 0) continue;
    if (await condition(() => revoked, waitMs)) return 'revoked';
    if (Date.now() < endMs) await remindOfExpiry({ ...life, daysLeft });
  }
  const leftMs = endMs - Date.now();
  if (leftMs > 0 && (await condition(() => revoked, leftMs))) return 'revoked';
  await expireCertificate(life);
  return 'expired';
}
