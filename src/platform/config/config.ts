import { z } from 'zod';
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
  KEYRING_FILE: z.string().min(1, 'must name a file').optional(),
  KEYRING_COMMAND: z.string().min(1, 'must name a command').optional(),
  SESSION_IDLE_MINUTES: z.coerce
    .number('must be a number')
    .int()
    .min(1, 'must be at least 1')
    .max(24 * 60, 'must be at most 1440')
    .default(30),
  RATE_LIMIT_PER_MINUTE: z.coerce.number('must be a number').int().min(1, 'must be at least 1').default(1200),
  LOGIN_RATE_LIMIT_PER_MINUTE: z.coerce.number('must be a number').int().min(1, 'must be at least 1').default(30),
  TOKEN_RATE_LIMIT_PER_MINUTE: z.coerce.number('must be a number').int().min(1, 'must be at least 1').default(600),
  TRUST_PROXY: z.stringbool('must be true or false').default(false),
  LOG_LEVEL: z
    .enum(
      ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
      'must be fatal, error, warn, info, debug, trace or silent',
    )
    .default('info'),
});

export type Config = Readonly<{
  host: string;
  port: number;
  publicUrl: string | null;
  dataDir: string;
  /** Null: the embedded node. */
  eventStoreUrl: string | null;
  readModels: DatabaseTarget;
  secrets: DatabaseTarget;
  keyring: Readonly<{ kind: 'file'; path: string }> | Readonly<{ kind: 'command'; command: string }>;
  sessionIdleMs: number;
  rateLimitPerMinute: number;
  loginRateLimitPerMinute: number;
  tokenRateLimitPerMinute: number;
  trustProxy: boolean;
  logLevel: string;
}>;

export class ConfigurationFaults extends Error {
  override readonly name = 'ConfigurationFaults';
  constructor(readonly faults: readonly string[]) {
    super(['The configuration has faults:', ...faults.map((fault) => `  ${fault}`)].join('\n'));
  }
}

/** All faults at once, one line each, naming the variable and never showing its value. */
export const configOf = (env: Readonly<Record<string, string | undefined>>): Config => {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const { success, data, error } = environment.safeParse(given);
  const faults = success ? [] : error.issues.map(({ path, message }) => `${path.join('.')} ${message}.`);
  if (given['KEYRING_FILE'] && given['KEYRING_COMMAND'])
    faults.push('KEYRING_FILE and KEYRING_COMMAND exclude each other; set one of them.');
  if (!success || faults.length > 0) throw new ConfigurationFaults(faults);
  const inDataDir = (name: string) => `${data.DATA_DIR}/${name}`;
  const database = (name: string, durable: boolean): DatabaseTarget =>
    data.DATABASE_URL
      ? { kind: 'postgres', url: data.DATABASE_URL }
      : { kind: 'sqlite', file: inDataDir(name), durable };
  return {
    host: data.HOST,
    port: data.PORT,
    publicUrl: data.PUBLIC_URL ?? null,
    dataDir: data.DATA_DIR,
    eventStoreUrl: data.EVENTSTORE_URL ?? null,
    readModels: database('read-models.sqlite', false),
    secrets: database('secrets.sqlite', true),
    keyring: data.KEYRING_COMMAND
      ? { kind: 'command', command: data.KEYRING_COMMAND }
      : { kind: 'file', path: data.KEYRING_FILE ?? inDataDir('keys/keyring.json') },
    sessionIdleMs: data.SESSION_IDLE_MINUTES * 60_000,
    rateLimitPerMinute: data.RATE_LIMIT_PER_MINUTE,
    loginRateLimitPerMinute: data.LOGIN_RATE_LIMIT_PER_MINUTE,
    tokenRateLimitPerMinute: data.TOKEN_RATE_LIMIT_PER_MINUTE,
    trustProxy: data.TRUST_PROXY,
    logLevel: data.LOG_LEVEL,
  };
};
