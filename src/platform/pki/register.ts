import { X509Certificate } from 'node:crypto';
import { serialOf } from '../../pki/authorities/authority.js';
import type { Kysely } from 'kysely';
import type { IssuanceRegister, Reservation, Reserved } from '../../pki/certificates/serial.js';
import type { CertificateStatus } from '../../pki/ocsp/answer.js';
import type { Revocation } from '../../pki/revocation/crl-entries.js';
import type { RevocationReason } from '../../pki/revocation/reasons.js';
import type { Clock } from '../../kernel/clock.js';
import type { Database } from '../sql/database.js';
import { migrate, type Step } from '../sql/migrations.js';
import { type Place, prepared } from '../sql/prepared.js';

type Row = {
  authority_id: string;
  issuance_id: string;
  serial: string;
  /** Base64 of the DER; null as long as the serial is only reserved. */
  certificate: string | null;
  /** Base64 of what is to be signed under the serial; null once it is kept, or where an older program reserved it. */
  to_be_signed: string | null;
  not_before: string | null;
  not_after: string | null;
  effective_at: string | null;
  reason: RevocationReason | null;
  reserved_at: string;
};
/** A serial that was reserved, perhaps signed under, and given up: nobody has such a certificate. */
type GivenUpRow = { authority_id: string; serial: string; issuance_id: string; given_up_at: string };
export type RegisterTables = { certificate_register: Row; certificate_serials_given_up: GivenUpRow };
type StatusRow = Pick<Row, 'effective_at' | 'reason' | 'not_before'>;

/** Asked for every OCSP question, so it is written once and not each time. */
const statusRow = prepared(({ db }: Place, authorityId: string, serial: string) =>
  (db as Kysely<RegisterTables>)
    .selectFrom('certificate_register')
    .select(['effective_at', 'reason', 'not_before'])
    .where('authority_id', '=', authorityId)
    .where('serial', '=', serial),
);

/** Times as ISO texts, compared as such: `2026-07` comes before every moment of that month. */
export type Period = Readonly<{ from: string; until: string }>;
export const ALWAYS: Period = { from: '', until: '~' };

const REVOCATIONS_PAGE = 1_000;
const UNKNOWN: CertificateStatus = { kind: 'unknown' };
const GOOD: CertificateStatus = { kind: 'good' };

const STEPS: readonly Step[] = [
  {
    kind: 'expand',
    up: async (tx) => {
      await tx.schema
        .createTable('certificate_register')
        .ifNotExists()
        .addColumn('authority_id', 'text', (c) => c.notNull())
        .addColumn('issuance_id', 'text', (c) => c.notNull())
        .addColumn('serial', 'text', (c) => c.notNull())
        .addColumn('certificate', 'text')
        .addColumn('not_before', 'text')
        .addColumn('not_after', 'text')
        .addColumn('effective_at', 'text')
        .addColumn('reason', 'text')
        .addColumn('reserved_at', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('certificate_register_pk', ['authority_id', 'issuance_id'])
        .addUniqueConstraint('certificate_register_serial', ['authority_id', 'serial'])
        .execute();
      await tx.schema
        .createIndex('certificate_register_revoked')
        .ifNotExists()
        .on('certificate_register')
        .columns(['authority_id', 'effective_at', 'serial'])
        .execute();
    },
  },
  {
    kind: 'expand',
    up: async (tx) => {
      await tx.schema.alterTable('certificate_register').addColumn('to_be_signed', 'text').execute();
      await tx.schema
        .createTable('certificate_serials_given_up')
        .addColumn('authority_id', 'text', (c) => c.notNull())
        .addColumn('serial', 'text', (c) => c.notNull())
        .addColumn('issuance_id', 'text', (c) => c.notNull())
        .addColumn('given_up_at', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('certificate_serials_given_up_pk', ['authority_id', 'serial'])
        .execute();
    },
  },
];

/**
 * Every serial that was ever given out, its certificate, and whether it was revoked: what the authorities
 * know by heart. Durable and shared by all processes; lists and answers are made from it alone.
 */
export class CertificateRegister implements IssuanceRegister {
  private readonly db: Kysely<RegisterTables>;
  private readonly reader: Kysely<RegisterTables>;
  private readonly place: Place;

  constructor(
    { write, read, direct }: Database<RegisterTables>,
    private readonly clock: Clock,
  ) {
    this.db = write;
    this.reader = read;
    this.place = { db: read, table: (name) => name, direct: direct?.read ?? null };
  }

  prepare(): Promise<void> {
    return migrate(this.db, 'certificate-register', STEPS);
  }

  async reserve({ authorityId, issuanceId, serial, body, instead }: Reservation): Promise<Reserved | undefined> {
    const empty = { certificate: null, not_before: null, not_after: null, effective_at: null, reason: null };
    const reserved = { serial, to_be_signed: body.toString('base64'), reserved_at: this.clock.now().toISOString() };
    if (instead !== undefined) await this.exchange(authorityId, issuanceId, instead, reserved);
    await this.db
      .insertInto('certificate_register')
      .values({ authority_id: authorityId, issuance_id: issuanceId, ...reserved, ...empty })
      // Whichever of the two rules was broken, the reading tells which.
      .onConflict((c) => c.doNothing())
      .execute();
    const row = await this.row(authorityId, issuanceId);
    return row && { serial: row.serial, body: Buffer.from(row.to_be_signed ?? '', 'base64') };
  }

  /** Of many who exchange the same serial one does; the others find what that one took. */
  private async exchange(
    authority_id: string,
    issuance_id: string,
    instead: string,
    reserved: Pick<Row, 'serial' | 'to_be_signed' | 'reserved_at'>,
  ): Promise<void> {
    await this.db.transaction().execute(async (tx) => {
      const taken = await tx
        .updateTable('certificate_register')
        .set(reserved)
        .where('authority_id', '=', authority_id)
        .where('issuance_id', '=', issuance_id)
        .where('serial', '=', instead)
        .where('certificate', 'is', null)
        .executeTakeFirst();
      if (taken.numUpdatedRows !== 1n) return;
      const given_up_at = reserved.reserved_at;
      const row = { authority_id, serial: instead, issuance_id, given_up_at };
      await tx.insertInto('certificate_serials_given_up').values(row).execute();
    });
  }

  async keep(authorityId: string, issuanceId: string, certificate: Buffer): Promise<Buffer> {
    const { validFromDate, validToDate } = new X509Certificate(certificate);
    await this.db
      .updateTable('certificate_register')
      .set({
        certificate: certificate.toString('base64'),
        to_be_signed: null,
        not_before: validFromDate.toISOString(),
        not_after: validToDate.toISOString(),
      })
      .where('authority_id', '=', authorityId)
      .where('issuance_id', '=', issuanceId)
      // Whose serial was given up meanwhile has signed for nobody.
      .where('serial', '=', serialOf(certificate))
      .where('certificate', 'is', null)
      .execute();
    const kept = await this.kept(authorityId, issuanceId);
    if (kept === undefined) throw new Error(`the issuance ${issuanceId} has no such serial reserved`);
    return kept;
  }

  async kept(authorityId: string, issuanceId: string): Promise<Buffer | undefined> {
    const row = await this.row(authorityId, issuanceId);
    return row?.certificate == null ? undefined : Buffer.from(row.certificate, 'base64');
  }

  /** The first revocation stands: it is final, and its date is what verifiers have seen. */
  async revoke(authorityId: string, serial: string, effectiveAt: Date, reason: RevocationReason): Promise<void> {
    await this.db
      .updateTable('certificate_register')
      .set({ effective_at: effectiveAt.toISOString(), reason })
      .where('authority_id', '=', authorityId)
      .where('serial', '=', serial)
      .where('effective_at', 'is', null)
      .execute();
  }

  async statusOf(authorityId: string, serial: string): Promise<CertificateStatus> {
    const [row]: StatusRow[] = await statusRow(this.place, authorityId, serial);
    if (row?.not_before == null) return UNKNOWN;
    if (row.effective_at === null) return GOOD;
    return { kind: 'revoked', effectiveAt: new Date(row.effective_at), reason: row.reason ?? 'unspecified' };
  }

  /** What was revoked among the certificates that began within this period, in pages, so that lists may be long. */
  async *revocations(authorityId: string, { from, until }: Period): AsyncGenerator<Revocation> {
    for (let after = ''; ;) {
      const rows = await this.db
        .selectFrom('certificate_register')
        .select(['serial', 'effective_at', 'reason', 'not_after'])
        .where('authority_id', '=', authorityId)
        .where('effective_at', 'is not', null)
        .where('not_before', '>=', from)
        .where('not_before', '<', until)
        .where('serial', '>', after)
        .orderBy('serial')
        .limit(REVOCATIONS_PAGE)
        .execute();
      for (const { serial, effective_at, reason, not_after } of rows) {
        yield {
          serial,
          effectiveAt: new Date(effective_at!),
          reason: reason ?? 'unspecified',
          expiresAt: new Date(not_after!),
        };
      }
      if (rows.length < REVOCATIONS_PAGE) return;
      after = rows.at(-1)!.serial;
    }
  }

  /** The months in which certificates of this authority began: they say which lists must exist. */
  async months(authorityId: string): Promise<string[]> {
    const rows = await this.reader
      .selectFrom('certificate_register')
      .select((e) => e.fn<string>('substr', ['not_before', e.lit(1), e.lit(7)]).as('month'))
      .distinct()
      .where('authority_id', '=', authorityId)
      .where('not_before', 'is not', null)
      .execute();
    return rows.map(({ month }) => month).sort();
  }

  private row(authorityId: string, issuanceId: string): Promise<Row | undefined> {
    // From the writer's connection: it sees what it has just written, on every database.
    return this.db
      .selectFrom('certificate_register')
      .selectAll()
      .where('authority_id', '=', authorityId)
      .where('issuance_id', '=', issuanceId)
      .executeTakeFirst();
  }
}
