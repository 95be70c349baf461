import { readdirSync, readFileSync } from 'node:fs';
import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { goldenHistory } from '../kit/golden-histories.js';
import { quiet } from '../kit/temporal/target.js';
import { workflowsForTests } from '../kit/workflow-bundle.js';

const names = readdirSync('test/golden/histories')
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.slice(0, -'.json'.length));

/**
 * An activity that each process comes to, to prove that its histories would notice another name. A purchase that is
 * fulfilled in time comes to none: it only waits.
 */
const ACTIVITIES: Readonly<Record<string, string>> = {
  'certificate-activation': 'activateCertificate',
  'certificate-expiry': 'expireCertificate',
  'certificate-application': 'requestMail',
  'mail-delivery': 'sendMail',
  'ticket-reservation': 'settleReservation',
  'ticket-purchase-expired': 'expireTicketPurchase',
  'ticket-purchase-overdue': 'flagOverdueOrder',
  'mail-retention': 'forgetOldLetters',
  'revocation-lists': 'publishRevocationLists',
};
const ONLY_WAITING = ['certificate-expiry-revoked', 'ticket-purchase-fulfilled'];

const bundle = async () => ({ code: readFileSync((await workflowsForTests()).codePath, 'utf8') });

beforeAll(quiet);

describe('processes that began under older code', () => {
  it('are there for every process', () => {
    for (const process of Object.keys(ACTIVITIES)) expect(names.some((name) => name.startsWith(process))).toBe(true);
  });

  it.each(names)('go on under this one: %s', async (name) => {
    const history = goldenHistory(name);
    // Without these marks a replay would compare nothing.
    expect(JSON.stringify(history)).toContain('coreUsedFlags');
    await Worker.runReplayHistory({ workflowBundle: await bundle() }, history, name);
  });

  it.each(names.filter((name) => !ONLY_WAITING.includes(name)))(
    'would notice another name of an activity: %s',
    async (name) => {
      const activity = Object.entries(ACTIVITIES).find(([process]) => name.startsWith(process))?.[1];
      expect(activity).toBeDefined();
      const { code } = await bundle();
      const renamed = { code: code.replaceAll(activity!, `${activity}Anew`) };
      expect(renamed.code).not.toBe(code);
      const replay = Worker.runReplayHistory({ workflowBundle: renamed }, goldenHistory(name), name);
      await expect(replay).rejects.toThrow(DeterminismViolationError);
    },
  );
});
