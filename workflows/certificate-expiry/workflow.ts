import { condition, proxyActivities, setHandler } from '@temporalio/workflow';
import type { CertificateExpiryActivities } from './activities.js';
import { certificateRevokedSignal, type Life } from './messages.js';

const { expireCertificate } = proxyActivities<CertificateExpiryActivities>({
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '5 minutes' },
});

const SECOND_MS = 1000;

/** Waits until the last second of a certificate is over, unless it is revoked before. */
export async function certificateExpiry(life: Life): Promise<'expired' | 'revoked'> {
  let revoked = false;
  setHandler(certificateRevokedSignal, () => void (revoked = true));
  const leftMs = Date.parse(life.notAfter) + SECOND_MS - Date.now();
  if (leftMs > 0 && (await condition(() => revoked, leftMs))) return 'revoked';
  await expireCertificate(life);
  return 'expired';
}
