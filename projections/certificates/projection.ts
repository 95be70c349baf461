import type { CertificateEvent, ReceivedEvent, SignerEvent } from '../../src/contexts/certificates/messages.js';
import type { Recorded } from '../../src/platform/event-store/recorded.js';
import type { LiveRows, ProjectionDefinition } from '../../src/platform/projections/definition.js';
import { type CertificateRow, certificatesOf, certificateTables, type RequestRow } from './tables.js';

type AnyEvent = CertificateEvent | ReceivedEvent | SignerEvent;
type Issued = Extract<AnyEvent, { type: 'certificates.CertificateIssued' }>['data'];
type Received = Extract<AnyEvent, { type: 'certificates.RevocationRequestReceived' }>['data'];
type Asked = Extract<AnyEvent, { type: 'certificates.RevocationRequested' }>['data'];
type Placed = Extract<AnyEvent, { type: 'certificates.CertificateRegisteredToSigner' }>['data'];

/** The changes that several events make alike. */
class Writer {
  private readonly at: string;
  private readonly rows;

  constructor(
    rows: LiveRows,
    private readonly event: Recorded,
  ) {
    this.rows = certificatesOf(rows);
    this.at = event.metadata.occurredAt;
  }

  async issued(data: Issued): Promise<void> {
    const { db, raw } = this.rows;
    const row: CertificateRow = {
      certificate_id: data.certificateId,
      application_id: data.applicationId,
      tenant: data.tenant,
      account_id: data.accountId,
      user_id: data.userId,
      holder_name: data.holderName,
      company_name: data.companyName,
      common_name: data.commonName,
      serial: data.serial,
      authority_id: data.authorityId,
      term_years: data.termYears,
      not_before: data.notBefore,
      not_after: data.notAfter,
      active_from: data.activation === 'IMMEDIATE' ? data.notBefore : null,
      status: 'issued',
      revoked_at: null,
      revoked_by: null,
      reason: null,
      updated_at: this.at,
    };
    await db.insertInto(raw('certificates')).values(row).execute();
  }

  async certificate(certificateId: string, set: Partial<CertificateRow>): Promise<void> {
    const { db, raw } = this.rows;
    const change = db.updateTable(raw('certificates')).set({ ...set, updated_at: this.at });
    await change.where('certificate_id', '=', certificateId).execute();
  }

  received(data: Received): Promise<void> {
    return this.request(data, { certificate_id: null, named: data.named, status: 'unmatched' });
  }

  asked(data: Asked): Promise<void> {
    return this.request(data, { certificate_id: data.certificateId, named: null, status: 'waiting' });
  }

  private async request(
    { requestId, cause, statement, mail, dueAt }: Omit<Received, 'named'>,
    of: Pick<RequestRow, 'certificate_id' | 'named' | 'status'>,
  ): Promise<void> {
    const { db, raw } = this.rows;
    const row: RequestRow = {
      request_id: requestId,
      ...of,
      cause,
      statement,
      mail,
      requested_at: this.at,
      due_at: dueAt,
      note: null,
      decided_by: null,
      updated_at: this.at,
    };
    await db.insertInto(raw('requests')).values(row).execute();
  }

  /** Of one certificate, or this one of it: what was waiting is decided now. */
  async decided(certificateId: string, requestId: string | null, set: Partial<RequestRow>): Promise<void> {
    const { db, raw } = this.rows;
    const by = { decided_by: this.event.metadata.actor.id, updated_at: this.at };
    let change = db
      .updateTable(raw('requests'))
      .set({ ...set, ...by })
      .where('certificate_id', '=', certificateId)
      .where('status', '=', 'waiting');
    if (requestId !== null) change = change.where('request_id', '=', requestId);
    await change.execute();
  }

  /** It goes on as a request upon the certificate that was found. */
  async matched(requestId: string): Promise<void> {
    const { db, raw } = this.rows;
    await db.deleteFrom(raw('requests')).where('request_id', '=', requestId).execute();
  }

  async setAside(requestId: string, note: string): Promise<void> {
    const { db, raw } = this.rows;
    const by = { decided_by: this.event.metadata.actor.id, updated_at: this.at };
    const change = db.updateTable(raw('requests')).set({ status: 'dismissed', note, ...by });
    await change.where('request_id', '=', requestId).execute();
  }

  async placed({ accountId, userId, certificateId, fileName }: Omit<Placed, 'automatic'>): Promise<void> {
    const { db, raw } = this.rows;
    const row = { user_id: userId, certificate_id: certificateId, file_name: fileName, registered_at: this.at };
    await db
      .insertInto(raw('sections'))
      .values({ account_id: accountId, ...row })
      .onConflict((c) => c.column('account_id').doUpdateSet(row))
      .execute();
  }

  async emptied(accountId: string): Promise<void> {
    const { db, raw } = this.rows;
    await db.deleteFrom(raw('sections')).where('account_id', '=', accountId).execute();
  }
}

const apply = async (event: Recorded, rows: LiveRows): Promise<void> => {
  const to = new Writer(rows, event);
  const { type, data } = event as unknown as AnyEvent;
  switch (type) {
    case 'certificates.CertificateIssued':
      return to.issued(data);
    case 'certificates.CertificateActivationScheduled':
      return to.certificate(data.certificateId, { active_from: data.activeFrom });
    case 'certificates.CertificateActivated':
      return to.certificate(data.certificateId, { status: 'active' });
    case 'certificates.CertificateExpired':
      return to.certificate(data.certificateId, { status: 'expired' });
    case 'certificates.RevocationRequestReceived':
      return to.received(data);
    case 'certificates.RevocationRequestMatched':
      return to.matched(data.requestId);
    case 'certificates.RevocationRequestSetAside':
      return to.setAside(data.requestId, data.note);
    case 'certificates.RevocationRequested':
      return to.asked(data);
    case 'certificates.RevocationRequestDismissed':
      return to.decided(data.certificateId, data.requestId, { status: 'dismissed', note: data.note });
    case 'certificates.CertificateRevoked': {
      const { certificateId, by, reason, effectiveAt } = data;
      await to.certificate(certificateId, { status: 'revoked', revoked_at: effectiveAt, revoked_by: by, reason });
      // Whoever else had asked for it has got it, too.
      return to.decided(certificateId, null, { status: 'granted' });
    }
    case 'certificates.CertificateRegisteredToSigner':
    case 'certificates.CertificateReplaced':
      return to.placed(data);
    case 'certificates.CertificateUnregistered':
      return to.emptied(data.accountId);
    case 'certificates.IssuanceWithdrawn':
    case 'certificates.CertificateTestSucceeded':
    case 'certificates.CertificateTestFailed':
    case 'certificates.CertificateFileTaken':
      return undefined;
  }
};

export const certificates: ProjectionDefinition = {
  name: 'certificates',
  version: 2,
  typePrefixes: ['certificates.'],
  ...certificateTables,
  apply,
};
