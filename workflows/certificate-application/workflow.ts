import { condition, patched, proxyActivities, setHandler, sleep } from '@temporalio/workflow';
import type { CertificateApplicationActivities } from './activities.js';
import * as told from './messages.js';

const { findApplication, requestMail, expireLink, flagReviewOverdue, endWithoutCertificate, spendTicket } =
  proxyActivities<CertificateApplicationActivities>({
    startToCloseTimeout: '30 seconds',
    retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
  });
/** Signing may wait for a key in a device; the activity is repeatable, so a lost one is simply done again. */
const { issueCertificate } = proxyActivities<CertificateApplicationActivities>({
  startToCloseTimeout: '2 minutes',
  retry: { initialInterval: '2 seconds', maximumInterval: '5 minutes' },
});

const DAY_MS = 86_400_000;
const CLOCKS_DIFFER_MS = 1_000;

/** What has been heard of the application so far. */
class News {
  applicantLink: told.DatedLink | null = null;
  holderLink: told.DatedLink | null = null;
  submitted = false;
  reviewDueAt: string | null = null;
  rejected = false;
  /** How often: an order that could not be carried out goes back to the review. */
  orders = 0;
  returned = false;

  constructor() {
    const applicantLink = (link: told.DatedLink) => void (this.applicantLink = link);
    setHandler(told.applicationLinkIssued, applicantLink);
    setHandler(told.applicationLinkSent, applicantLink);
    setHandler(told.issuanceApplicationSubmitted, () => void (this.submitted = true));
    setHandler(told.holderLinkIssued, (link) => void (this.holderLink = link));
    setHandler(told.holderLinkSent, (link) => {
      // A link that was replaced meanwhile may still be reported as sent.
      if (link.linkId === this.holderLink?.linkId) this.holderLink = link;
    });
    setHandler(told.approvedByHolder, ({ reviewDueAt }) => void (this.reviewDueAt = reviewDueAt));
    setHandler(told.rejectedByHolder, () => void (this.rejected = true));
    setHandler(told.issuanceOrdered, () => void (this.orders += 1));
    setHandler(told.applicationReturned, () => void (this.returned = true));
  }

  /** What the stream says makes good what was never told. */
  read({ applicantLink, holderLink, submitted, reviewDueAt, rejected, orders, returned }: told.Found): void {
    this.applicantLink = applicantLink ?? this.applicantLink;
    this.holderLink = holderLink ?? this.holderLink;
    this.submitted ||= submitted;
    this.reviewDueAt ??= reviewDueAt;
    this.rejected ||= rejected;
    this.orders = Math.max(this.orders, orders);
    this.returned ||= returned;
  }
}

/** Processes that began before it was read go on as they began; each name stands for ever. */
const READS_THE_STREAM = 'certificate-application-reads-the-stream';
const REMINDS_IN_TIME = 'certificate-application-reminds-in-time';
const reread = async ({ applicationId, news }: Process): Promise<boolean> => {
  if (!patched(READS_THE_STREAM)) return false;
  news.read(await findApplication(applicationId));
  return true;
};

/**
 * From the registration to the certificate, or to the end without one. It waits, reminds and asks for mails;
 * whether a deadline has really passed, and who was faster, the application's own stream decides.
 */
export async function certificateApplication({ applicationId, applicantType }: told.Registered): Promise<told.Ending> {
  const news = new News();
  const process = { applicationId, news };

  await reread(process);
  await condition(() => news.applicantLink !== null);
  await requestMail(applicationId, { mail: 'applicationLink', linkId: news.applicantLink!.linkId });
  if (
    (await answerOrExpiry(
      process,
      () => news.applicantLink,
      () => news.submitted,
    )) === 'expired'
  )
    return ended(applicationId, 'expired');

  const decided = () => news.reviewDueAt !== null || news.rejected;
  // In person the same link, with the same deadline, serves for the approval.
  const link = () => (applicantType === 'self' ? news.applicantLink : news.holderLink);
  await condition(() => link() !== null || decided());
  if ((await answerOrExpiry(process, link, decided, applicantType === 'agent')) === 'expired')
    return ended(applicationId, 'expired');
  if (news.rejected) return ended(applicationId, 'rejected');

  await requestMail(applicationId, { mail: 'applicationAccepted' });
  for (let order = 1; ; order += 1) {
    await reviewed(process, order);
    if (news.returned) return ended(applicationId, 'returned');
    if ((await issueCertificate(applicationId, order)) === 'issued') break;
  }
  await spendTicket(applicationId);
  await requestMail(applicationId, { mail: 'issuanceCompleted' });
  return 'issued';
}

type Process = Readonly<{ applicationId: string; news: News }>;

/** Waits for what the link is for. Reminds a day before it dies; what dies in the end is whichever link is the newest. */
async function answerOrExpiry(
  process: Process,
  link: () => told.DatedLink | null,
  answered: () => boolean,
  byMail = false,
): Promise<'answered' | 'expired'> {
  const { applicationId } = process;
  let mailed: string | null = null;
  while (!answered()) {
    const { linkId, expiresAt } = link()!;
    const changed = () => answered() || link()!.linkId !== linkId || link()!.expiresAt !== expiresAt;
    if (byMail && mailed !== linkId) {
      await requestMail(applicationId, { mail: 'holderApprovalRequest', linkId });
      mailed = linkId;
    }
    if (await until(Date.parse(expiresAt) - DAY_MS, changed)) continue;
    // Whoever wakes late reminds nobody of what is over.
    if (Date.parse(expiresAt) > Date.now() || !patched(REMINDS_IN_TIME))
      await requestMail(applicationId, { mail: 'linkReminder', linkId });
    if (await until(Date.parse(expiresAt), changed)) continue;
    const outcome = await expireLink(applicationId, { linkId, expiresAt });
    if (outcome === 'expired') return 'expired';
    if (outcome === 'early') await sleep(CLOCKS_DIFFER_MS);
    else if (!(await reread(process))) await condition(changed);
  }
  return 'answered';
}

/** An overdue review is flagged, and goes on. */
async function reviewed(process: Process, order: number): Promise<void> {
  const { applicationId, news } = process;
  const decided = () => news.orders >= order || news.returned;
  if (await until(Date.parse(news.reviewDueAt!), decided)) return;
  await flagReviewOverdue(applicationId, news.reviewDueAt!);
  await reread(process);
  await condition(decided);
}

/** True if it happened before the moment. */
async function until(momentMs: number, happened: () => boolean): Promise<boolean> {
  const leftMs = momentMs - Date.now();
  return leftMs > 0 ? condition(happened, leftMs) : happened();
}

/** The ticket first: it is worth money, and the mail says that it can be used again. */
async function ended(applicationId: string, reason: told.Release): Promise<told.Ending> {
  await endWithoutCertificate(applicationId, reason);
  const mails = {
    expired: 'applicationExpired',
    rejected: 'applicationRejected',
    returned: 'reapplicationRequest',
  } as const;
  await requestMail(applicationId, { mail: mails[reason] });
  return reason;
}
