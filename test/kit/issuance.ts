import { randomUUID } from 'node:crypto';
import { TicketLookups } from '../../src/contexts/tickets/lookups.js';
import { DUTIES_VERSION } from '../../src/contexts/applications/duties.js';
import { issueTicket, reserveTicket } from '../../src/contexts/tickets/messages.js';
import type { Service } from '../../src/entrypoints/service.js';
import { SYSTEM } from '../../src/kernel/actor.js';
import { Challenges } from '../../src/platform/challenges/challenges.js';
import { Commands } from '../../src/platform/commands/decided-by.js';
import type { Sender } from '../../src/platform/commands/sender.js';
import type { Answer, Browser } from './browser.js';
import { entered } from './application-data.js';
import { done, type Partners, preparedPartners, registrant } from './partners.js';
import { type RunningService, startForTests } from './service.js';

export const SITE = 'e-contract/issuance';
export const AGENT_MAIL = 'agent@example.com';
export const HOLDER_MAIL = 'holder@example.com';
export const PIN = 'Abcd1234Efgh';
export const PDF = Buffer.from('%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n', 'latin1');

export const expectStatus = (answer: Answer, status: number): Answer => {
  if (answer.status !== status)
    throw new Error(`${answer.status} instead of ${status}: ${JSON.stringify(answer.body)}`);
  return answer;
};

const senderNow = (correlationId: string): Sender => ({
  commandId: randomUUID(),
  fingerprint: null,
  correlationId,
  actor: SYSTEM,
  onBehalfOf: null,
  tenant: 'EX001',
  service: 'e-contract',
  clientAddress: null,
});

export type Ticket = Readonly<{ ticketId: string; number: string }>;
export type Applicant = Readonly<{ applicantType?: string; companyCode?: string; mail?: string }>;

export type ReviewStep = 'review' | 'identity-verification' | 'issuance' | 'return';

/** A step of the LRA; whoever verifies an identity has looked at the paper. */
export const reviewStep = async (staff: Browser, applicationId: string, step: ReviewStep): Promise<void> => {
  const item = `back-office/applications/${applicationId}`;
  if (step === 'identity-verification') expectStatus(await staff.get(`${item}/identity-document`), 200);
  const { status } = await staff.post(`${item}/${step}`, step === 'return' ? { reason: 'blurred' } : undefined);
  if (status >= 300) throw new Error(`${step} of ${applicationId}: ${status}`);
};

/** From the approved application to the order of its certificate. */
export const orderedBy = async (staff: Browser, applicationId: string): Promise<void> => {
  for (const step of ['review', 'identity-verification', 'issuance'] as const)
    await reviewStep(staff, applicationId, step);
};

/** The owner EX001 with its partner A10001: a signer, and an approver who acts as agent; and another owner. */
export const prepareIssuance = async (running: RunningService): Promise<Partners> => {
  const partners = await preparedPartners(running);
  done(await partners.staff.post('back-office/owner-companies', { companyCode: 'EX002', name: 'Other Owner Co.' }));
  await partners.company('A10001');
  const signer = registrant(HOLDER_MAIL, ['GROUP_ADMINISTRATOR', 'SIGNER']);
  await partners.office('A10001', null, [signer, registrant(AGENT_MAIL, ['APPROVER'])]);
  return partners;
};

/** The service with its people, and the site that they come to. */
export const startIssuance = async (env: Record<string, string> = {}) => {
  const running = await startForTests(env);
  const partners = await prepareIssuance(running);
  return { running, partners, site: new Issuance(running) };
};

/** The issuance site as an applicant uses it, page after page. */
export class Issuance {
  private shown: Readonly<{ service: Service; browser: Browser }> | null = null;

  constructor(private readonly running: RunningService) {}

  /** The same one, until the service is another. */
  get browser(): Browser {
    const { service } = this.running;
    if (this.shown?.service !== service) this.shown = { service, browser: this.running.browser() };
    return this.shown.browser;
  }

  private get app() {
    return this.running.service.app;
  }

  /** A ticket as the back office delivers it after an order. */
  async ticket(companyCode = 'EX001', termYears = 3): Promise<Ticket> {
    const ticketId = randomUUID();
    const issue = issueTicket({ ticketId, termYears, companyCode, orderId: null });
    await this.app.get(Commands).send(issue, senderNow(companyCode));
    return { ticketId, number: this.app.get(TicketLookups).numberOf(ticketId) };
  }

  /** Only the first of the two appends of a registration. */
  async reserve({ ticketId }: Ticket, applicationId: string): Promise<void> {
    const reserve = reserveTicket({ ticketId, applicationId, companyCode: 'EX001' });
    await this.app.get(Commands).send(reserve, senderNow(applicationId));
  }

  ticketState = async ({ ticketId }: Ticket) => (await this.app.get(TicketLookups).byId(ticketId))!.status;

  /** A picture and what is to be read in it. */
  async picture(): Promise<Readonly<{ challengeId: string; challengeAnswer: string }>> {
    const { id } = expectStatus(await this.browser.post(`${SITE}/challenges`), 201).body as { id: string };
    return { challengeId: id, challengeAnswer: this.app.get(Challenges).textOf(id) };
  }

  /** Whoever clicks the link in the newest mail to this address about this application. */
  async visitorFrom(to: string, applicationId: string): Promise<Visitor> {
    const mails = await this.running.mailbox(to);
    const links = mails.flatMap((mail) => mail.links).filter(({ pathname }) => pathname.includes(applicationId));
    const link = links.at(-1);
    if (!link) throw new Error(`no mail to ${to} has a link to ${applicationId}`);
    return new Visitor(this, applicationId, link.searchParams.get('onetimetoken')!, link);
  }

  /** Registered, and the link of the mail in hand. */
  async linked(ticket: Ticket, applicant: Applicant = {}): Promise<Linked> {
    const begun = await this.register(ticket, applicant);
    return { begun, visitor: await this.visitorFrom(applicant.mail ?? AGENT_MAIL, begun.id) };
  }

  /** Submitted by the agent, and the holder has clicked. */
  async submitted(ticket: Ticket, applicant: Applicant = {}): Promise<Linked & Readonly<{ holder: Visitor }>> {
    const linked = await this.linked(ticket, applicant);
    await linked.visitor.apply();
    return { ...linked, holder: await this.visitorFrom(HOLDER_MAIL, linked.begun.id) };
  }

  async approved(ticket: Ticket): Promise<Linked & Readonly<{ holder: Visitor }>> {
    const submitted = await this.submitted(ticket);
    expectStatus(await submitted.holder.approve(), 200);
    return submitted;
  }

  async agree(): Promise<Begun> {
    const agreed = await this.browser.post(`${SITE}/applications`, { dutiesVersion: DUTIES_VERSION, agreed: true });
    const { id, key } = expectStatus(agreed, 201).body as { id: string; key: string };
    return new Begun(this, id, key);
  }

  /** Registers an application; the mail with the link is on its way. */
  async register(ticket: Ticket, applicant: Applicant = {}): Promise<Begun> {
    const begun = await this.agree();
    await begun.registered(ticket, applicant);
    return begun;
  }
}

export type Linked = Readonly<{ begun: Begun; visitor: Visitor }>;

/** One application in the hands of whoever began it. */
export class Begun {
  version = 0;

  constructor(
    readonly site: Issuance,
    readonly id: string,
    readonly key: string,
  ) {}

  get path(): string {
    return `${SITE}/applications/${this.id}`;
  }

  private keyed = () => ({ headers: { 'x-application-key': this.key } });

  applicant = (
    ticket: Ticket,
    { applicantType = 'agent', companyCode = 'EX001', mail = AGENT_MAIL }: Applicant = {},
  ) => ({
    applicantType,
    companyCode,
    ticketNumber: ticket.number,
    mail,
  });

  confirm = (body: object) => this.site.browser.post(`${this.path}/confirmation`, body, this.keyed());
  register = (body: object) => this.site.browser.post(`${this.path}/registration`, body, this.keyed());
  status = (minVersion = this.version) => this.site.browser.get(`${this.path}?minVersion=${minVersion}`, this.keyed());
  requestHolderLink = () => this.site.browser.post(`${this.path}/holder-link`, undefined, this.keyed());

  async confirmed(ticket: Ticket, applicant: Applicant = {}): Promise<string> {
    const data = this.applicant(ticket, applicant);
    const picture = await this.site.picture();
    const confirmed = await this.confirm({ ...data, mailRepeat: data.mail, ...picture });
    return (expectStatus(confirmed, 200).body as { proof: string }).proof;
  }

  async registered(ticket: Ticket, applicant: Applicant = {}): Promise<Answer> {
    const proof = await this.confirmed(ticket, applicant);
    const answer = await this.register({ ...this.applicant(ticket, applicant), proof, agreed: true });
    this.version = (expectStatus(answer, 201).body as { version: number }).version;
    return answer;
  }
}

/** Whoever holds the link of a mail. */
export class Visitor {
  constructor(
    private readonly site: Issuance,
    readonly applicationId: string,
    readonly token: string,
    /** As it stands in the mail. */
    readonly link: URL,
  ) {}

  private get path(): string {
    return `${SITE}/applications/${this.applicationId}`;
  }
  private headers = (more: Record<string, string> = {}) => ({ headers: { 'x-link-token': this.token, ...more } });

  /** Follows the link as it was mailed. */
  click = () => this.site.browser.get(this.link.pathname + this.link.search);
  open = () => this.site.browser.get(`${this.path}/link?onetimetoken=${this.token}`);
  upload = (
    file: Buffer = PDF,
    fileName = 'card.pdf',
    type = 'application/pdf',
    more: Record<string, string> = {},
    browser = this.site.browser,
  ) =>
    browser.post(
      `${this.path}/identity-document?fileName=${encodeURIComponent(fileName)}`,
      file,
      this.headers({ 'content-type': type, ...more }),
    );
  check = (over: object = {}) => this.site.browser.post(`${this.path}/details`, entered(over), this.headers());
  summary = (over: object = {}) => this.site.browser.post(`${this.path}/summary`, entered(over), this.headers());
  submit = (over: object = {}) => this.site.browser.post(`${this.path}/submission`, entered(over), this.headers());

  openApproval = () => this.site.browser.get(`${this.path}/approval?onetimetoken=${this.token}`);
  holderSummary = (pin: string | null = PIN) =>
    this.site.browser.post(`${this.path}/holder-summary`, { pin }, this.headers());
  approve = (over: object = {}, more: Record<string, string> = {}) =>
    this.site.browser.post(
      `${this.path}/approval`,
      { pin: PIN, confirmed: true, withoutSummary: true, ...over },
      this.headers(more),
    );
  reject = (reason: string | null = 'I did not ask for this.') =>
    this.site.browser.post(`${this.path}/rejection`, { reason }, this.headers());

  /** The agent's part from the link to the submission. */
  async apply(over: object = {}): Promise<Answer> {
    expectStatus(await this.upload(), 201);
    return expectStatus(await this.submit(over), 201);
  }
}
