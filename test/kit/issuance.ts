import { randomUUID } from 'node:crypto';
import { TicketIssuing } from '../../src/contexts/tickets/commands.js';
import { TicketLookups } from '../../src/contexts/tickets/lookups.js';
import { DUTIES_VERSION } from '../../src/contexts/applications/duties.js';
import { SYSTEM } from '../../src/kernel/actor.js';
import { Challenges } from '../../src/platform/challenges/challenges.js';
import type { Answer, Browser } from './browser.js';
import { entered } from './application-data.js';
import type { RunningService } from './service.js';

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

export type Ticket = Readonly<{ ticketId: string; number: string }>;
export type Applicant = Readonly<{ applicantType?: string; companyCode?: string; mail?: string }>;

/** The issuance site as an applicant uses it, page after page. */
export class Issuance {
  readonly browser: Browser;

  constructor(
    private readonly running: RunningService,
    browser = running.browser(),
  ) {
    this.browser = browser;
  }

  private get app() {
    return this.running.service.app;
  }

  /** A ticket as the back office delivers it after an order. */
  async ticket(companyCode = 'EX001', termYears = 3): Promise<Ticket> {
    const sender = {
      commandId: randomUUID(),
      fingerprint: null,
      correlationId: randomUUID(),
      actor: SYSTEM,
      onBehalfOf: null,
      tenant: companyCode,
      service: 'e-contract',
      clientAddress: null,
    };
    const lines = [{ termYears, quantity: 1 }];
    const [ticket] = await this.app.get(TicketIssuing).issue({ companyCode, orderId: null, lines }, sender);
    return { ticketId: ticket!.ticketId, number: this.app.get(TicketLookups).numberOf(ticket!.ticketId) };
  }

  ticketState = async ({ ticketId }: Ticket) => (await this.app.get(TicketLookups).byId(ticketId))!.status;

  /** A picture and what is to be read in it. */
  async picture(): Promise<Readonly<{ challengeId: string; challengeAnswer: string }>> {
    const { body } = expectStatus(await this.browser.post(`${SITE}/challenges`), 201);
    const { id } = body as { id: string };
    return { challengeId: id, challengeAnswer: this.app.get(Challenges).textOf(id) };
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
    const { body } = expectStatus(await this.confirm({ ...data, mailRepeat: data.mail, ...picture }), 200);
    return (body as { proof: string }).proof;
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
    private readonly browser: Browser,
    readonly applicationId: string,
    readonly token: string,
  ) {}

  private get path(): string {
    return `${SITE}/applications/${this.applicationId}`;
  }
  private headers = (more: Record<string, string> = {}) => ({ headers: { 'x-link-token': this.token, ...more } });

  open = () => this.browser.get(`${this.path}/link?onetimetoken=${this.token}`);
  upload = (file: Buffer = PDF, fileName = 'card.pdf', type = 'application/pdf') =>
    this.browser.post(
      `${this.path}/identity-document?fileName=${encodeURIComponent(fileName)}`,
      file,
      this.headers({ 'content-type': type }),
    );
  check = (over: object = {}) => this.browser.post(`${this.path}/details`, entered(over), this.headers());
  summary = (over: object = {}) => this.browser.post(`${this.path}/summary`, entered(over), this.headers());
  submit = (over: object = {}) => this.browser.post(`${this.path}/submission`, entered(over), this.headers());

  openApproval = () => this.browser.get(`${this.path}/approval?onetimetoken=${this.token}`);
  holderSummary = (pin = PIN) => this.browser.post(`${this.path}/holder-summary`, { pin }, this.headers());
  approve = (over: object = {}) =>
    this.browser.post(
      `${this.path}/approval`,
      { pin: PIN, confirmed: true, withoutSummary: true, ...over },
      this.headers(),
    );
  reject = (reason = 'I did not ask for this.') =>
    this.browser.post(`${this.path}/rejection`, { reason }, this.headers());

  /** The agent's part from the link to the submission. */
  async apply(over: object = {}): Promise<Answer> {
    expectStatus(await this.upload(), 201);
    return expectStatus(await this.submit(over), 201);
  }
}
