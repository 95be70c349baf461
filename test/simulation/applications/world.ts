import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import readXlsx from 'read-excel-file/node';
import { QUANTITY_MAX } from '../../../src/contexts/tickets/purchase.messages.js';
import { HOLDER_MAIL } from '../../kit/issuance.js';
import { Killable } from '../../kit/killable.js';
import { ownFolder } from '../../kit/own-folder.js';
import { PAPERS, registrant } from '../../kit/partners.js';
import { BILLING, PURCHASES } from '../../kit/purchases.js';
import { type SmtpSink, smtpSink } from '../../kit/smtp-sink.js';
import { pause, Person, persist } from './people.js';

export const QUARTER_MS = 15 * 60_000;
export const HOUR_MS = 4 * QUARTER_MS;
export const DAY_MS = 24 * HOUR_MS;
const MAIL_PATIENCE_MS = 5_000;
const COMPANY = 'EX001';
export type Event = Readonly<{ type: string; data: Record<string, string> }>;

export type Reserved = Readonly<{ applicationId: string; serial: string; certificate: string | null }>;

/** The service in a process of its own, which may be another one at any moment, and the people around it. */
export class World {
  staff!: Person;
  /** Called with every answer that somebody gets. */
  onAnswer: () => void = () => undefined;
  private service: Promise<Killable>;
  private turn: Promise<unknown> = Promise.resolve();

  private constructor(
    private dataDir: string,
    readonly sink: SmtpSink,
    /** Beside the data, so that another folder can go on with the same keys. */
    readonly keyring = join(ownFolder(), 'keyring.json'),
  ) {
    this.service = this.start();
  }

  static async begin(dataDir: string): Promise<World> {
    const world = new World(dataDir, await smtpSink());
    world.staff = await world.person().staff((await world.service).ready.password!);
    const { staff } = world;
    await staff.does('back-office/owner-companies', { companyCode: COMPANY, name: 'Example Owner Co.' });
    const company = { vendorCode: 'A10001', name: 'Example Bridge Construction Co.' };
    await staff.does(`back-office/owner-companies/${COMPANY}/partners`, company);
    const registrants = [registrant(HOLDER_MAIL, ['GROUP_ADMINISTRATOR', 'SIGNER'])];
    await staff.does('back-office/partners/A10001/groups', { ...PAPERS, registrants });
    return world;
  }

  running = (): Promise<Killable> => this.service;
  person = (): Person => new Person(this.running, () => this.onAnswer());
  read = (stream: string): Promise<Event[]> => this.asked((it) => it.do<Event[]>('read', stream));
  asked = <T>(ask: (service: Killable) => Promise<T>): Promise<T> => persist(this.running, ask);
  /** One after the other: time has one direction. */
  passes = (ms: number): Promise<unknown> =>
    (this.turn = this.turn.then(() => this.asked((it) => it.do('advance', ms))));

  /** Killed with -9 and started again; meanwhile the disk may be exchanged. */
  async killed(meanwhile: () => Promise<string> = () => Promise.resolve(this.dataDir)): Promise<void> {
    this.service = this.service
      .then((victim) => {
        victim.assertNoOwnEnd();
        return victim.kill();
      })
      .then(meanwhile)
      .then((dataDir) => {
        this.dataDir = dataDir;
        return this.start();
      });
    await this.service;
  }

  async end(): Promise<void> {
    await (await this.service).kill();
    await this.sink.stop();
  }

  /** A mail that was in hand at a kill comes when its try is given up; time must pass for that. */
  async mailTo<T>(mail: string, wanted: (text: string) => T | undefined): Promise<T> {
    for (let since = Date.now(); ; await pause(50)) {
      const texts = this.sink.taken.filter(({ to }) => to.includes(mail)).map(({ mail: { text } }) => text ?? '');
      const found = texts.map(wanted).findLast((each) => each !== undefined);
      if (found !== undefined) return found;
      if (Date.now() - since < MAIL_PATIENCE_MS) continue;
      await this.passes(QUARTER_MS);
      since = Date.now();
    }
  }

  linkTo = (mail: string, processId: string): Promise<string> =>
    this.mailTo(mail, (text) => (text.includes(processId) ? /onetimetoken=([0-9a-f]{64})/.exec(text)?.[1] : undefined));

  /** Numbers of tickets that were bought as anybody buys them. */
  async tickets(count: number): Promise<string[]> {
    const first = await this.bought(Math.min(count, QUANTITY_MAX));
    return count > QUANTITY_MAX ? [...first, ...(await this.tickets(count - QUANTITY_MAX))] : first;
  }

  /** Ordered, fulfilled by the back office, and read out of the workbook in the mail. */
  private async bought(count: number): Promise<string[]> {
    const contactMail = `${randomUUID()}@example.com`;
    const buyer = this.person();
    const { body } = await buyer.does(PURCHASES, { companyCode: COMPANY, contactMail });
    const { id } = body as { id: string };
    const token = await this.linkTo(contactMail, id);
    const asBuyer = { 'x-link-token': token };
    await buyer.get(`${PURCHASES}/${id}/link?onetimetoken=${token}`);
    await buyer.does(`${PURCHASES}/${id}/delivery-type`, { type: 'DIRECT' }, asBuyer);
    const details = { ...BILLING, oneYear: 0, twoYears: 0, threeYears: count };
    await buyer.does(`${PURCHASES}/${id}/details`, details, asBuyer);
    await buyer.does(`${PURCHASES}/${id}/order`, {}, asBuyer);
    await this.staff.does(`back-office/ticket-orders/${id}/fulfilment`, {});
    const workbook = () =>
      this.sink.taken
        .filter(({ to }) => to.includes(contactMail))
        .flatMap(({ mail: { attachments } }) => attachments)
        .find(({ filename }) => filename?.endsWith('.xlsx'));
    await this.mailTo(contactMail, () => workbook());
    const [sheet] = await readXlsx(Buffer.from(workbook()!.content as ArrayBuffer));
    return sheet!.data.slice(1).map(([number]) => String(number));
  }

  /** What the authorities have by heart: the serial of each application, and the certificate where there is one. */
  register(): Reserved[] {
    const rows = this.onDisk('select issuance_id, serial, certificate from certificate_register');
    return rows.map((row) => ({
      applicationId: String(row['issuance_id']),
      serial: String(row['serial']),
      certificate: row['certificate'] as string | null,
    }));
  }

  /** What lies in the vault under names that begin so, as somebody would find it who took the disk away. */
  vaultEntries(namesBegin: string): string[] {
    const rows = this.onDisk('select entry_id from vault_entries where entry_id like ?', `${namesBegin}%`);
    return rows.map((row) => String(row['entry_id']));
  }

  private onDisk(query: string, ...values: string[]) {
    const database = new DatabaseSync(join(this.dataDir, 'secrets.sqlite'), { readOnly: true });
    try {
      return database.prepare(query).all(...values);
    } finally {
      database.close();
    }
  }

  private start(): Promise<Killable> {
    return Killable.start({
      DATA_DIR: this.dataDir,
      KEYRING_FILE: this.keyring,
      SMTP_URL: this.sink.url,
      MAIL_FROM: 'no-reply@example.com',
      LOGIN_RATE_LIMIT_PER_MINUTE: '100000',
      RATE_LIMIT_PER_MINUTE: '100000',
    });
  }
}
