import { accessSync, constants } from 'node:fs';
import { isIP } from 'node:net';
import { z } from 'zod';
import { isDay, type Overrides } from '../../kernel/calendar.js';
import { validate } from '../../kernel/policies.js';
import type { DatabaseTarget } from '../sql/database.js';

const port = z.coerce
  .number('must be a number')
  .int('must be a whole number')
  .min(0, 'must be at least 0')
  .max(65535, 'must be at most 65535');

const eventStoreUrl = z
  .string()
  .regex(
    /^esdb(\+discover)?:\/\/.+/,
    'must begin with esdb:// or esdb+discover:// (the client does not know kurrentdb://)',
  )
  .refine(
    (url) => !/throwOnAppendFailure=false/i.test(url),
    'must not switch throwOnAppendFailure off: lost races would pass as successes',
  );

const isReadable = (path: string): boolean => {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
};
const readable = z.string().refine(isReadable, 'must name a file that can be read');

const days = z
  .string()
  .transform((value) => value.split(',').map((day) => day.trim()))
  .refine((given) => given.every(isDay), 'must be days such as 2026-08-13,2026-08-14');

const NOTICES_MAX = 20;
const NOTICE_MAX = 300;
/** `2026-06-01 text|2026-07-01 text`; the newest first, whatever their order here. */
const notices = z
  .string()
  .transform((value) => value.split('|').map((one) => one.trim()))
  .refine(
    (given) => given.every((one) => isDay(one.slice(0, 10)) && /^.{10}\s+\S/.test(one)),
    'must be notices such as 2026-06-01 text|2026-07-01 text',
  )
  .refine(
    (given) => given.length <= NOTICES_MAX && given.every((one) => one.length <= NOTICE_MAX),
    `may have at most ${NOTICES_MAX} notices of ${NOTICE_MAX} characters`,
  )
  .transform((given) =>
    given
      .map((one) => ({ date: one.slice(0, 10), text: one.slice(10).trim() }))
      .toSorted((a, b) => (a.date < b.date ? 1 : a.date > b.date ? -1 : 0)),
  );

const ORGANIZATION_MAX = 64;
const isCertificateName = (name: string): boolean =>
  validate('', name.trim(), { kind: 'name', policy: { min: 1, max: ORGANIZATION_MAX, inCertificates: true } })
    .length === 0 && name === name.trim();

/** As a value is read, whatever else is wrong. */
const isOff = (value: string): boolean => z.stringbool().safeParse(value).data === false;
const listOf = (value: string): readonly string[] => (isOff(value) ? [] : value.split(',').map((part) => part.trim()));

/** An address, or a network as address and length; one that holds everybody would believe everybody. */
const isProxy = (entry: string): boolean => {
  const [, address = '', length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
  const bits = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  return bits > 0 && (length === undefined || (Number(length) > 0 && Number(length) <= bits));
};

const environment = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: port.default(3000),
  /** Where people reach the service, as they type it. */
  PUBLIC_URL: z.url('must be an address such as https://portal.example.com').optional(),
  DATA_DIR: z.string().min(1, 'must name a folder').default('./data'),
  EVENTSTORE_URL: eventStoreUrl.optional(),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\/.+/, 'must begin with postgres://')
    .optional(),
  TEMPORAL_ADDRESS: z
    .string()
    .regex(/^[^\s/]+:\d{1,5}$/, 'must be HOST:PORT, without a scheme')
    .optional(),
  TEMPORAL_NAMESPACE: z.string().min(1, 'must name a namespace').default('default'),
  TEMPORAL_TASK_QUEUE: z.string().min(1, 'must name a task queue').default('shomei'),
  TEMPORAL_TLS: z.stringbool('must be true or false').default(false),
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: readable.optional(),
  TEMPORAL_TLS_SERVER_NAME: z.string().optional(),
  TEMPORAL_TLS_CLIENT_CERT_PATH: readable.optional(),
  TEMPORAL_TLS_CLIENT_KEY_PATH: readable.optional(),
  TEMPORAL_API_KEY: z.string().optional(),
  SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\/.+/, 'must begin with smtp:// or smtps://')
    .optional(),
  /** The sender of every mail. */
  MAIL_FROM: z
    .string()
    .regex(
      /^(?:[^<>@,\r\n]*<[^\s<>@,]+@[^\s<>@,]+>|[^\s<>@,]+@[^\s<>@,]+)$/,
      'must be an address such as Shomei <no-reply@example.com>',
    )
    .optional(),
  /** A server elsewhere may take mails in the clear. */
  SMTP_PLAINTEXT: z.stringbool('must be true or false').default(false),
  /** Unset: where nobody but this machine reaches the service. */
  DEVELOPMENT_MAILBOX: z.stringbool('must be true or false').optional(),
  /** For how long it can be shown how a mail went out, and for how long it can be sent again. */
  MAIL_RETENTION_DAYS: z.coerce
    .number('must be a number')
    .int()
    .min(1, 'must be at least 1')
    .max(3660, 'must be at most 3660')
    .default(366),
  DEMO_CLOCK: z.stringbool('must be true or false').default(false),
  KEYRING_FILE: z.string().min(1, 'must name a file').optional(),
  KEYRING_COMMAND: z.string().min(1, 'must name a command').optional(),
  /** Who runs the certification authorities; stands in their names from the first start on. */
  PKI_ORGANIZATION: z
    .string()
    .refine(isCertificateName, 'must be a name of at most 64 characters that a certificate can hold')
    .default('株式会社例示認証'),
  PKI_PUBLIC_URL: z
    .string()
    .regex(/^http:\/\/[^?#]+[^/?#]$/, 'must begin with http:// (verifiers cannot check TLS first) and not end with /')
    .optional(),
  PKI_CHAIN_FILE: readable.optional(),
  PKI_KEY_FILE: readable.optional(),
  PKI_PKCS11_LIBRARY: z.string().min(1, 'must name a file').optional(),
  PKI_PKCS11_TOKEN: z.string().min(1, 'must name a token').optional(),
  PKI_PKCS11_PIN_FILE: readable.optional(),
  /** Who issues personal certificates: shown on every page of the issuance site and under its mails. */
  LRA_NAME: z.string().min(1).max(100, 'may have at most 100 characters').default('例示認証 登録局'),
  LRA_CONTACT: z.string().min(1).max(200, 'may have at most 200 characters').default('lra@example.com'),
  LRA_MANUAL_URL: z.url('must be an address such as https://www.example.com/manual.pdf').optional(),
  LRA_NOTICES: notices.optional(),
  /** What the certificates are called in the subjects of mails. */
  CERTIFICATE_BRAND: z.string().min(1).max(40, 'may have at most 40 characters').default('電子'),
  /** Who stands on invoices as the one who sells. */
  SELLER_NAME: z.string().min(1).max(60, 'may have at most 60 characters').default('例示認証株式会社'),
  SELLER_REGISTRATION_NUMBER: z
    .string()
    .regex(/^T\d{13}$/, 'must be T and 13 digits')
    .default('T0000000000000'),
  SELLER_POSTAL_CODE: z
    .string()
    .regex(/^\d{3}-\d{4}$/, 'must look like 100-0001')
    .default('100-0000'),
  SELLER_ADDRESS: z.string().min(1).max(100, 'may have at most 100 characters').default('東京都千代田区例示1-1-1'),
  SELLER_PHONE: z.string().min(1).max(30, 'may have at most 30 characters').default('03-0000-0000'),
  SELLER_BANK_ACCOUNT: z
    .string()
    .min(1)
    .max(100, 'may have at most 100 characters')
    .default('例示銀行 本店 普通 0000000'),
  /** Days that the published holidays do not tell: the house's own, and what the government decides later. */
  BUSINESS_HOLIDAYS: days.optional(),
  BUSINESS_WORKDAYS: days.optional(),
  REVIEW_SECOND_PERSON: z.stringbool('must be true or false').default(false),
  DOCUMENT_CHECK_COMMAND: z.string().min(1, 'must name a command').optional(),
  SESSION_IDLE_MINUTES: z.coerce
    .number('must be a number')
    .int()
    .min(1, 'must be at least 1')
    .max(24 * 60, 'must be at most 1440')
    .default(30),
  SESSION_MAX_HOURS: z.coerce
    .number('must be a number')
    .int()
    .min(1, 'must be at least 1')
    .max(7 * 24, 'must be at most 168')
    .default(12),
  RATE_LIMIT_PER_MINUTE: z.coerce.number('must be a number').int().min(1, 'must be at least 1').default(1200),
  LOGIN_RATE_LIMIT_PER_MINUTE: z.coerce.number('must be a number').int().min(1, 'must be at least 1').default(30),
  /** Status answers that are signed for one asker alone, per client address. */
  OCSP_SIGNATURES_PER_MINUTE: z.coerce.number('must be a number').int().min(1, 'must be at least 1').default(600),
  TOKEN_RATE_LIMIT_PER_MINUTE: z.coerce.number('must be a number').int().min(1, 'must be at least 1').default(600),
  STREAM_HEARTBEAT_SECONDS: z.coerce
    .number('must be a number')
    .int()
    .min(1, 'must be at least 1')
    .max(300, 'must be at most 300')
    .default(15),
  TRUST_PROXY: z
    .string()
    .refine(
      (value) => listOf(value).every(isProxy),
      "must be false or the proxies' addresses and networks, such as 192.0.2.7,10.0.0.0/8: from anybody else it would be believed, too",
    )
    .default('false'),
  LOG_LEVEL: z
    .enum(
      ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
      'must be fatal, error, warn, info, debug, trace or silent',
    )
    .default('info'),
});

/** Every name that may be set; a test holds the documents and the compose file against it. */
export const VARIABLES: readonly string[] = Object.keys(environment.shape);

export type TemporalConfig = Readonly<{
  /** Null: the embedded node. */
  address: string | null;
  namespace: string;
  taskQueue: string;
  tls: Readonly<{
    caFile: string | null;
    serverName: string | null;
    client: Readonly<{ certFile: string; keyFile: string }> | null;
  }> | null;
  apiKey: string | null;
}>;

export type MailConfig = Readonly<{
  /** Null: the development mailbox. */
  smtpUrl: string | null;
  /** No mail goes out in the clear. */
  requireTls: boolean;
  from: string;
  /** From the end of its last day of delivery on. */
  keptDays: number;
  /** The mailbox was asked for although others may reach the service; whoever starts it is told. */
  isMailboxExposed: boolean;
}>;

export type PkiConfig = Readonly<{
  organization: string;
  /** Where the public reaches lists, status answers and authorities' certificates; stands in every certificate. */
  publicUrl: string;
  /** PEM: the issuing authority's certificate first, its root last. Null: made at the first start. */
  chainFile: string | null;
  /** PEM: the issuing authority's key, taken into the vault. */
  keyFile: string | null;
  pkcs11: Readonly<{ library: string; token: string; pinFile: string }> | null;
}>;

/** How the operator issues personal certificates. */
export type IssuanceConfig = Readonly<{
  lra: Readonly<{
    name: string;
    contact: string;
    manualUrl: string | null;
    notices: readonly Readonly<{ date: string; text: string }>[];
  }>;
  /** The certificates' name in the subjects of mails. */
  certificateBrand: string;
  /** Whether somebody other than who verified the identity must order a certificate. */
  secondPersonRequired: boolean;
  /** Gets every uploaded paper on its standard input; null where the operator has set up no check. */
  documentCheckCommand: string | null;
}>;

export type Config = Readonly<{
  host: string;
  port: number;
  /** Without a slash at its end. */
  publicUrl: string;
  dataDir: string;
  /** Null: the embedded node. */
  eventStoreUrl: string | null;
  temporal: TemporalConfig;
  mail: MailConfig;
  /** Time can be moved by the back office. For demonstrations only. */
  demoClock: boolean;
  readModels: DatabaseTarget;
  secrets: DatabaseTarget;
  keyring: Readonly<{ kind: 'file'; path: string }> | Readonly<{ kind: 'command'; command: string }>;
  pki: PkiConfig;
  issuance: IssuanceConfig;
  seller: SellerConfig;
  /** What the operator's calendar adds to the published holidays, and takes from the days off. */
  businessDays: Overrides;
  sessionIdleMs: number;
  sessionLifeMs: number;
  rateLimitPerMinute: number;
  loginRateLimitPerMinute: number;
  tokenRateLimitPerMinute: number;
  ocspSignaturesPerMinute: number;
  streamHeartbeatMs: number;
  /** Addresses and networks of the proxies that are believed about the client's address and TLS. */
  trustedProxies: readonly string[];
  logLevel: string;
}>;

export type SellerConfig = Readonly<
  Record<'name' | 'registrationNumber' | 'postalCode' | 'address' | 'phone' | 'bankAccount', string>
>;

export class ConfigurationFaults extends Error {
  override readonly name = 'ConfigurationFaults';
  constructor(readonly faults: readonly string[]) {
    super(['The configuration has faults:', ...faults.map((fault) => `  ${fault}`)].join('\n'));
  }
}

type Given = Readonly<Record<string, string | undefined>>;

const LOOPBACK = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[?::1\]?)$/i;
const isLoopback = (host: string): boolean => LOOPBACK.test(host);
const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).hostname : '');
const isOn = (value: string | undefined): boolean => z.stringbool().safeParse(value).data ?? false;

/** As far as the configuration tells, only this machine speaks to the service. */
const isForThisMachine = ({ HOST, PUBLIC_URL, TRUST_PROXY }: Given): boolean =>
  (HOST === undefined || isLoopback(HOST)) &&
  (PUBLIC_URL === undefined || isLoopback(hostOf(PUBLIC_URL))) &&
  (TRUST_PROXY === undefined || isOff(TRUST_PROXY));

const mailFaultsOf = (given: Given): string[] => {
  const { SMTP_URL, MAIL_FROM, DEVELOPMENT_MAILBOX } = given;
  const hasMailbox = isOn(DEVELOPMENT_MAILBOX) || (DEVELOPMENT_MAILBOX === undefined && isForThisMachine(given));
  const faults: string[] = [];
  if (SMTP_URL !== undefined && MAIL_FROM === undefined)
    faults.push('MAIL_FROM is needed with SMTP_URL: the address that mails come from.');
  if (SMTP_URL !== undefined && isOn(DEVELOPMENT_MAILBOX))
    faults.push('SMTP_URL and DEVELOPMENT_MAILBOX exclude each other; mails go to one place.');
  if (SMTP_URL === undefined && !hasMailbox)
    faults.push(
      'SMTP_URL must name a mail server: HOST, PUBLIC_URL or TRUST_PROXY say that others reach the service, or ' +
        'DEVELOPMENT_MAILBOX says that there is no mailbox here. For a trial DEVELOPMENT_MAILBOX=true keeps all mails here.',
    );
  return faults;
};

/** What each value alone does not show. */
const contradictionsOf = (given: Given): string[] => {
  const faults: string[] = [];
  const both = (one: string, other: string) => given[one] !== undefined && given[other] !== undefined;
  if (both('KEYRING_FILE', 'KEYRING_COMMAND'))
    faults.push('KEYRING_FILE and KEYRING_COMMAND exclude each other; set one of them.');
  if ((given['TEMPORAL_TLS_CLIENT_CERT_PATH'] === undefined) !== (given['TEMPORAL_TLS_CLIENT_KEY_PATH'] === undefined))
    faults.push('TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH belong together; set both or none.');
  if (isOn(given['DEMO_CLOCK']) && given['TEMPORAL_ADDRESS'] !== undefined)
    faults.push('DEMO_CLOCK needs the embedded Temporal node; a cluster at TEMPORAL_ADDRESS has its own time.');
  const holidays = given['BUSINESS_HOLIDAYS']?.split(',') ?? [];
  const twice = given['BUSINESS_WORKDAYS']?.split(',').some((day) => holidays.some((one) => one.trim() === day.trim()));
  if (twice) faults.push('BUSINESS_HOLIDAYS and BUSINESS_WORKDAYS name the same day; it is the one or the other.');
  return faults;
};

const temporalOf = (data: z.infer<typeof environment>): TemporalConfig => {
  const caFile = data.TEMPORAL_TLS_SERVER_CA_CERT_PATH ?? null;
  const serverName = data.TEMPORAL_TLS_SERVER_NAME ?? null;
  const { TEMPORAL_TLS_CLIENT_CERT_PATH: certFile, TEMPORAL_TLS_CLIENT_KEY_PATH: keyFile } = data;
  const client = certFile !== undefined && keyFile !== undefined ? { certFile, keyFile } : null;
  // A key in the clear would be everybody's key.
  const secured = data.TEMPORAL_TLS || data.TEMPORAL_API_KEY !== undefined || caFile !== null || client !== null;
  return {
    address: data.TEMPORAL_ADDRESS ?? null,
    namespace: data.TEMPORAL_NAMESPACE,
    taskQueue: data.TEMPORAL_TASK_QUEUE,
    tls: secured ? { caFile, serverName, client } : null,
    apiKey: data.TEMPORAL_API_KEY ?? null,
  };
};

const PKCS11 = ['PKI_PKCS11_LIBRARY', 'PKI_PKCS11_TOKEN', 'PKI_PKCS11_PIN_FILE'] as const;

const pkiFaultsOf = (given: Given): string[] => {
  const token = PKCS11.filter((name) => given[name] !== undefined);
  const faults: string[] = [];
  if (token.length > 0 && token.length < PKCS11.length)
    faults.push(`${PKCS11.join(', ')} belong together; set all of them or none.`);
  if (given['PKI_KEY_FILE'] && token.length > 0)
    faults.push('PKI_KEY_FILE and PKI_PKCS11_LIBRARY exclude each other; the key is in one place.');
  if (given['PKI_KEY_FILE'] && !given['PKI_CHAIN_FILE'])
    faults.push('PKI_KEY_FILE needs PKI_CHAIN_FILE, the certificates that belong to the key.');
  if (given['PKI_CHAIN_FILE'] && !given['PKI_KEY_FILE'] && token.length === 0)
    faults.push('PKI_CHAIN_FILE needs PKI_KEY_FILE, or a key in a token (PKI_PKCS11_LIBRARY).');
  return faults;
};

const mailOf = (data: z.infer<typeof environment>, given: Given): MailConfig => ({
  smtpUrl: data.SMTP_URL ?? null,
  requireTls:
    !data.SMTP_PLAINTEXT && (data.SMTP_URL?.startsWith('smtp:') ?? false) && !isLoopback(hostOf(data.SMTP_URL!)),
  from: data.MAIL_FROM ?? 'Shomei <no-reply@localhost>',
  keptDays: data.MAIL_RETENTION_DAYS,
  isMailboxExposed: data.SMTP_URL === undefined && !isForThisMachine(given),
});

const issuanceOf = (data: z.infer<typeof environment>): IssuanceConfig => ({
  lra: {
    name: data.LRA_NAME,
    contact: data.LRA_CONTACT,
    manualUrl: data.LRA_MANUAL_URL ?? null,
    notices: data.LRA_NOTICES ?? [],
  },
  certificateBrand: data.CERTIFICATE_BRAND,
  secondPersonRequired: data.REVIEW_SECOND_PERSON,
  documentCheckCommand: data.DOCUMENT_CHECK_COMMAND ?? null,
});

const sellerOf = (data: z.infer<typeof environment>): SellerConfig => ({
  name: data.SELLER_NAME,
  registrationNumber: data.SELLER_REGISTRATION_NUMBER,
  postalCode: data.SELLER_POSTAL_CODE,
  address: data.SELLER_ADDRESS,
  phone: data.SELLER_PHONE,
  bankAccount: data.SELLER_BANK_ACCOUNT,
});

const pkiOf = (data: z.infer<typeof environment>): PkiConfig => ({
  organization: data.PKI_ORGANIZATION,
  publicUrl:
    data.PKI_PUBLIC_URL ??
    `http://${data.PUBLIC_URL ? new URL(data.PUBLIC_URL).host : `${data.HOST}:${data.PORT}`}/pki`,
  chainFile: data.PKI_CHAIN_FILE ?? null,
  keyFile: data.PKI_KEY_FILE ?? null,
  pkcs11:
    data.PKI_PKCS11_LIBRARY && data.PKI_PKCS11_TOKEN && data.PKI_PKCS11_PIN_FILE
      ? { library: data.PKI_PKCS11_LIBRARY, token: data.PKI_PKCS11_TOKEN, pinFile: data.PKI_PKCS11_PIN_FILE }
      : null,
});

/** All faults at once, one line each, naming the variable and never showing its value. */
export const configOf = (env: Readonly<Record<string, string | undefined>>): Config => {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const { success, data, error } = environment.safeParse(given);
  const faults = success ? [] : error.issues.map(({ path, message }) => `${path.join('.')} ${message}.`);
  faults.push(...contradictionsOf(given), ...mailFaultsOf(given), ...pkiFaultsOf(given));
  if (!success || faults.length > 0) throw new ConfigurationFaults(faults);
  const inDataDir = (name: string) => `${data.DATA_DIR}/${name}`;
  const database = (name: string, durable: boolean): DatabaseTarget =>
    data.DATABASE_URL
      ? { kind: 'postgres', url: data.DATABASE_URL }
      : { kind: 'sqlite', file: inDataDir(name), durable };
  return {
    host: data.HOST,
    port: data.PORT,
    publicUrl: (
      data.PUBLIC_URL ?? `http://${data.HOST.includes(':') ? `[${data.HOST}]` : data.HOST}:${data.PORT}`
    ).replace(/\/+$/, ''),
    dataDir: data.DATA_DIR,
    eventStoreUrl: data.EVENTSTORE_URL ?? null,
    temporal: temporalOf(data),
    mail: mailOf(data, given),
    demoClock: data.DEMO_CLOCK,
    readModels: database('read-models.sqlite', false),
    secrets: database('secrets.sqlite', true),
    keyring: data.KEYRING_COMMAND
      ? { kind: 'command', command: data.KEYRING_COMMAND }
      : { kind: 'file', path: data.KEYRING_FILE ?? inDataDir('keys/keyring.json') },
    pki: pkiOf(data),
    issuance: issuanceOf(data),
    seller: sellerOf(data),
    businessDays: { holidays: data.BUSINESS_HOLIDAYS ?? [], workdays: data.BUSINESS_WORKDAYS ?? [] },
    sessionIdleMs: data.SESSION_IDLE_MINUTES * 60_000,
    sessionLifeMs: data.SESSION_MAX_HOURS * 3_600_000,
    rateLimitPerMinute: data.RATE_LIMIT_PER_MINUTE,
    loginRateLimitPerMinute: data.LOGIN_RATE_LIMIT_PER_MINUTE,
    tokenRateLimitPerMinute: data.TOKEN_RATE_LIMIT_PER_MINUTE,
    ocspSignaturesPerMinute: data.OCSP_SIGNATURES_PER_MINUTE,
    streamHeartbeatMs: data.STREAM_HEARTBEAT_SECONDS * 1000,
    trustedProxies: listOf(data.TRUST_PROXY),
    logLevel: data.LOG_LEVEL,
  };
};
