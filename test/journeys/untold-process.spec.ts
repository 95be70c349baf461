import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { CertificateApplicationActivities } from '../../workflows/certificate-application/activities.js';
import type { Ending, Found } from '../../workflows/certificate-application/messages.js';
import { newId, openTarget, type RunningWorker, startWorker, type Target } from '../kit/temporal/target.js';
import { workflowsForTests } from '../kit/workflow-bundle.js';

const OVER = '2026-07-04T01:00:00.000Z';
const AHEAD = () => new Date(Date.now() + 60 * 86_400_000).toISOString();
const REGISTERED: Found = {
  applicantLink: { linkId: 'applicant-link', expiresAt: OVER },
  holderLink: null,
  submitted: false,
  reviewDueAt: null,
  rejected: false,
  orders: 0,
  returned: false,
};
const SUBMITTED: Found = { ...REGISTERED, submitted: true, holderLink: { linkId: 'holder-link', expiresAt: OVER } };
const APPROVED: Found = { ...SUBMITTED, reviewDueAt: OVER };

/** What the stream says each time it is read; the last of it again and again. */
let says: Found[] = [];
let asked: string[] = [];
const noted =
  <T>(name: string, answer: T) =>
  (): Promise<T> => {
    asked.push(name);
    return Promise.resolve(answer);
  };
const activities: CertificateApplicationActivities = {
  findApplication: () => Promise.resolve(says.length > 1 ? says.shift()! : says[0]!),
  requestMail: (_, { mail }) => noted(mail, undefined)(),
  expireLink: noted('expireLink', 'stands'),
  flagReviewOverdue: noted('flagReviewOverdue', undefined),
  endWithoutCertificate: (_, reason) => noted(`end ${reason}`, undefined)(),
  issueCertificate: noted('issueCertificate', 'issued'),
  spendTicket: noted('spendTicket', undefined),
};

let target: Target;
let worker: RunningWorker;
beforeAll(async () => {
  target = await openTarget();
  const { codePath } = await workflowsForTests();
  worker = await startWorker(target, { workflowBundle: { code: readFileSync(codePath, 'utf8') }, activities });
}, 120_000);
afterAll(async () => {
  await worker.stop();
  await target.close();
});
beforeEach(() => {
  asked = [];
});

/** Started, and never told of anything that happened. */
const endingOf = async (applicantType: 'agent' | 'self', ...found: Found[]): Promise<Ending> => {
  says = found;
  const workflowId = newId('untold');
  const start = { taskQueue: worker.taskQueue, workflowId, args: [{ applicationId: workflowId, applicantType }] };
  return (await target.client.workflow.execute('certificateApplication', start)) as Ending;
};

describe('the process of an application that no news ever reached', () => {
  it('EC-56 reads what happened before it began', async () => {
    expect(await endingOf('agent', { ...APPROVED, orders: 1 })).toBe('issued');
    expect(asked).toEqual([
      'applicationLink',
      'applicationAccepted',
      'issueCertificate',
      'spendTicket',
      'issuanceCompleted',
    ]);
  });

  it('EC-36, EC-49 reads who was faster than its timers, and reminds nobody of dead links', async () => {
    expect(await endingOf('agent', REGISTERED, SUBMITTED, APPROVED, { ...APPROVED, orders: 1 })).toBe('issued');
    expect(asked).toEqual([
      'applicationLink',
      'expireLink',
      'holderApprovalRequest',
      'expireLink',
      'applicationAccepted',
      'flagReviewOverdue',
      'issueCertificate',
      'spendTicket',
      'issuanceCompleted',
    ]);
  });

  it('EC-54 reads that the holder has rejected', async () => {
    expect(await endingOf('agent', SUBMITTED, { ...SUBMITTED, rejected: true })).toBe('rejected');
    expect(asked.slice(-2)).toEqual(['end rejected', 'applicationRejected']);
  });

  it('EC-57 reads that the review has given it back', async () => {
    expect(await endingOf('self', APPROVED, { ...APPROVED, returned: true })).toBe('returned');
    expect(asked.slice(-3)).toEqual(['flagReviewOverdue', 'end returned', 'reapplicationRequest']);
  });

  it('EC-49 goes on with the link that the stream names', async () => {
    const replaced = { ...SUBMITTED, holderLink: { linkId: 'second-link', expiresAt: AHEAD() } };
    says = [SUBMITTED, replaced];
    const workflowId = newId('untold');
    const args = [{ applicationId: workflowId, applicantType: 'agent' }];
    const handle = await target.client.workflow.start('certificateApplication', {
      ...{ taskQueue: worker.taskQueue, workflowId, args },
    });
    while (asked.filter((name) => name === 'holderApprovalRequest').length < 2)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(asked.filter((name) => name === 'expireLink')).toHaveLength(1);
    expect(asked).not.toContain('linkReminder');
    await handle.terminate();
  });
});
