import { derivedId } from '../../kernel/ids.js';
import { message, type MessageOf } from '../../kernel/message.js';
import { flag, instant, oneOf, orNull, personal, record, text } from '../../kernel/schema.js';
import { CAUSES, certificateLifeEvents, issued, REASONS, REVOKERS, signerEvents } from './events.messages.js';
import { receivedEvents } from './received.messages.js';

export * from './events.messages.js';
export * from './received.messages.js';

const certificate = { certificateId: text() };

export const certificatesEvents = [...certificateLifeEvents, ...receivedEvents, ...signerEvents] as const;

export const recordIssuance = message('certificates.RecordIssuance', issued);
/** Sent when the application was given back after an order; `made` is what the register has for it by then. */
export const withdrawIssuance = message('certificates.WithdrawIssuance', {
  ...certificate,
  applicationId: text(),
  authorityId: text(),
  made: orNull(record({ serial: text(), notBefore: instant() })),
});
export const scheduleActivation = message('certificates.ScheduleActivation', {
  ...certificate,
  noticeSentAt: instant(),
});
/** Each names the deadline that its timer served; the stream knows whether it still is the one. */
export const activateCertificate = message('certificates.ActivateCertificate', {
  ...certificate,
  activeFrom: instant(),
});
export const expireCertificate = message('certificates.ExpireCertificate', { ...certificate, notAfter: instant() });

export const recordCertificateTest = message('certificates.RecordCertificateTest', {
  ...certificate,
  /** What came of it; proven outside, because opening a key takes time and a secret. */
  result: oneOf(['succeeded', 'pin', 'signature']),
});
export const takeCertificateFile = message('certificates.TakeCertificateFile', {
  ...certificate,
  form: oneOf(['modern', 'compatible']),
});

const request = { ...certificate, requestId: text() };
export const requestRevocation = message('certificates.RequestRevocation', {
  ...request,
  cause: oneOf(CAUSES),
  statement: personal(text()),
  mail: personal(text()),
  dueAt: instant(),
});
export const grantRevocationRequest = message('certificates.GrantRevocationRequest', {
  ...request,
  reason: orNull(oneOf(REASONS)),
});
export const dismissRevocationRequest = message('certificates.DismissRevocationRequest', { ...request, note: text() });
export const revokeCertificate = message('certificates.RevokeCertificate', {
  ...certificate,
  by: oneOf(REVOKERS),
  reason: oneOf(REASONS),
});

export const certificateCommands = [
  recordIssuance,
  withdrawIssuance,
  scheduleActivation,
  activateCertificate,
  expireCertificate,
  recordCertificateTest,
  takeCertificateFile,
  requestRevocation,
  grantRevocationRequest,
  dismissRevocationRequest,
  revokeCertificate,
] as const;
export type CertificateCommand = MessageOf<(typeof certificateCommands)[number]>;

const signer = { accountId: text(), userId: personal(text()) };
/** The certificate as its own stream told it just before. */
const candidate = {
  ...signer,
  ...certificate,
  fileName: personal(text()),
  notBefore: instant(),
  notAfter: instant(),
  usable: flag(),
};

export const registerToSigner = message('certificates.RegisterToSigner', candidate);
export const renewRegistration = message('certificates.RenewRegistration', {
  ...candidate,
  /**
   * The registered one if it gives way however long it would last: it has ended, or the candidate was issued later.
   * As their own streams told just before.
   */
  yieldingCertificateId: orNull(text()),
});
export const unregisterCertificate = message('certificates.UnregisterCertificate', {
  ...signer,
  /** The one that the person saw and means; null where nobody was asked yet. */
  certificateId: orNull(text()),
});

export const signerCommands = [registerToSigner, renewRegistration, unregisterCertificate] as const;
export type SignerCommand = MessageOf<(typeof signerCommands)[number]>;

/** One application, one certificate. */
export const certificateIdOf = (applicationId: string): string => derivedId('certificate', applicationId);
export const certificateStream = (certificateId: string): string => `certificate-${certificateId}`;
export const signerStream = (accountId: string): string => `signerCertificate-${accountId}`;

/** `Mihon.Taro` is kept as `mihon.pfx`. */
export const fileNameOf = (commonName: string): string =>
  `${commonName.replace(/^BN-/, '').split(/[.(]/, 1)[0]!.toLowerCase()}.pfx`;
