import { proxyActivities, sleep } from '@temporalio/workflow';
import type { CertificateActivationActivities } from './activities.js';
import type { Activation } from './messages.js';

const { activateCertificate, registerToSigner } = proxyActivities<CertificateActivationActivities>({
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '5 minutes' },
});

/** Waits for the second business day, then the certificate becomes usable and stands in its signer's section. */
export async function certificateActivation(activation: Activation): Promise<'active' | 'over'> {
  await sleep(Math.max(0, Date.parse(activation.activeFrom) - Date.now()));
  const outcome = await activateCertificate(activation);
  if (outcome === 'active') await registerToSigner(activation);
  return outcome;
}
