import { describe, expect, it } from '@jest/globals';
import { type ConfigurationFaults, configOf } from './config.js';

const MAIL = { SMTP_URL: 'smtps://mail.example.com', MAIL_FROM: 'no-reply@example.com' };
const faultsOf = (env: Record<string, string>): readonly string[] => {
  try {
    configOf(env);
    return [];
  } catch (error) {
    return (error as ConfigurationFaults).faults;
  }
};

describe('the configuration', () => {
  it('needs nothing', () =>
    expect(configOf({})).toMatchObject({
      port: 3000,
      eventStoreUrl: null,
      readModels: { kind: 'sqlite', file: './data/read-models.sqlite' },
      secrets: { kind: 'sqlite', durable: true },
      keyring: { kind: 'file', path: './data/keys/keyring.json' },
      sessionIdleMs: 1_800_000,
      sessionLifeMs: 43_200_000,
    }));

  it('takes an empty variable for an unset one', () =>
    expect(configOf({ PORT: '', DATABASE_URL: '' }).port).toBe(3000));

  it('moves to real engines by one variable each', () =>
    expect(configOf({ EVENTSTORE_URL: 'esdb://db:2113?tls=false', DATABASE_URL: 'postgres://db/x' })).toMatchObject({
      eventStoreUrl: 'esdb://db:2113?tls=false',
      readModels: { kind: 'postgres' },
      secrets: { kind: 'postgres' },
    }));

  it('takes notices for the pages of the issuance site, the newest first', () => {
    expect(configOf({}).issuance.lra.notices).toEqual([]);
    const given = '2026-06-01 年末年始は休業します。| 2026-07-01  Maintenance on Sunday';
    expect(configOf({ LRA_NOTICES: given }).issuance.lra.notices).toEqual([
      { date: '2026-07-01', text: 'Maintenance on Sunday' },
      { date: '2026-06-01', text: '年末年始は休業します。' },
    ]);
    for (const wrong of ['2026-06-01', '2026-02-30 text', 'text', '2026-06-01 text|'])
      expect(faultsOf({ LRA_NOTICES: wrong })).toEqual([
        'LRA_NOTICES must be notices such as 2026-06-01 text|2026-07-01 text.',
      ]);
    const many = (count: number) => Array.from({ length: count }, () => '2026-06-01 text').join('|');
    expect(configOf({ LRA_NOTICES: many(20) }).issuance.lra.notices).toHaveLength(20);
    const tooMuch = ['LRA_NOTICES may have at most 20 notices of 300 characters.'];
    expect(faultsOf({ LRA_NOTICES: many(21) })).toEqual(tooMuch);
    expect(faultsOf({ LRA_NOTICES: `2026-06-01 ${'x'.repeat(290)}` })).toEqual(tooMuch);
  });

  it('knows the days that no published table tells', () => {
    expect(configOf({}).businessDays).toEqual({ holidays: [], workdays: [] });
    const given = { BUSINESS_HOLIDAYS: '2026-08-13, 2026-08-14', BUSINESS_WORKDAYS: '2026-07-20' };
    expect(configOf(given).businessDays).toEqual({ holidays: ['2026-08-13', '2026-08-14'], workdays: ['2026-07-20'] });
    for (const wrong of ['2026-02-30', '13.8.2026', '2026-08-13,', '2026-08-13;2026-08-14'])
      expect(faultsOf({ BUSINESS_HOLIDAYS: wrong })).toEqual([
        'BUSINESS_HOLIDAYS must be days such as 2026-08-13,2026-08-14.',
      ]);
    expect(faultsOf({ BUSINESS_HOLIDAYS: '2026-08-13', BUSINESS_WORKDAYS: '2026-08-12, 2026-08-13' })).toEqual([
      'BUSINESS_HOLIDAYS and BUSINESS_WORKDAYS name the same day; it is the one or the other.',
    ]);
  });

  it('sends mail by a server and reaches a Temporal cluster in the clear only where nothing secret goes along', () => {
    expect(configOf({})).toMatchObject({
      temporal: { address: null, namespace: 'default', taskQueue: 'shomei', tls: null, apiKey: null },
      mail: { smtpUrl: null },
      demoClock: false,
      publicUrl: 'http://127.0.0.1:3000',
    });
    expect(configOf({ TEMPORAL_ADDRESS: 'temporal:7233' }).temporal).toMatchObject({
      address: 'temporal:7233',
      tls: null,
    });
    expect(configOf({ TEMPORAL_ADDRESS: 'x:7233', TEMPORAL_API_KEY: 'k' }).temporal.tls).not.toBeNull();
    expect(configOf({ ...MAIL, PUBLIC_URL: 'https://portal.example.com/' }).publicUrl).toBe(
      'https://portal.example.com',
    );
  });

  const exposed = (env: Record<string, string>) => configOf(env).mail.isMailboxExposed;
  it.each<Record<string, string>>([
    {},
    { HOST: '::1', PUBLIC_URL: 'http://[::1]:3000' },
    { HOST: 'localhost', PUBLIC_URL: 'http://localhost:8080/', TRUST_PROXY: 'false' },
    { HOST: '127.0.0.2', DEVELOPMENT_MAILBOX: 'true' },
  ])('keeps mails in a mailbox where only this machine speaks to it: %j', (env) => expect(exposed(env)).toBe(false));

  it.each<Record<string, string>>([
    { HOST: '0.0.0.0' },
    { HOST: 'localhost.example.com' },
    { PUBLIC_URL: 'https://portal.example.com' },
    { PUBLIC_URL: 'http://127.0.0.1.example.com' },
    { TRUST_PROXY: '192.0.2.7' },
    { TRUST_PROXY: '10.0.0.0/8, 2001:db8::/32' },
  ])('does so where others may come only if it is told: %j', (env) => {
    expect(faultsOf(env)).toEqual([
      expect.stringMatching(/^SMTP_URL must name a mail server.*DEVELOPMENT_MAILBOX=true/),
    ]);
    expect(exposed({ ...env, DEVELOPMENT_MAILBOX: 'true' })).toBe(true);
    expect(exposed({ ...env, ...MAIL })).toBe(false);
  });

  it.each([
    ['smtp://mail.example.com', {}, true],
    ['smtp://mail.example.com:25', { SMTP_PLAINTEXT: 'true' }, false],
    ['smtp://127.0.0.1:1025', {}, false],
    ['smtp://user:word@localhost', {}, false],
    ['smtp://[::1]:25', {}, false],
    ['smtp://localhost.example.com', {}, true],
    ['smtps://mail.example.com', {}, false],
  ])('sends mails by %s %j: whether STARTTLS must be is %s', (SMTP_URL, env, requireTls) =>
    expect(configOf({ ...MAIL, ...env, SMTP_URL }).mail.requireTls).toBe(requireTls),
  );

  it('names every fault at once', () =>
    expect(
      faultsOf({ PORT: 'abc', DATABASE_URL: 'mysql://secret@x', LOG_LEVEL: 'loud', EVENTSTORE_URL: 'kurrentdb://x' }),
    ).toEqual([
      'PORT must be a number.',
      'EVENTSTORE_URL must begin with esdb:// or esdb+discover:// (the client does not know kurrentdb://).',
      'DATABASE_URL must begin with postgres://.',
      'LOG_LEVEL must be fatal, error, warn, info, debug, trace or silent.',
    ]));

  it.each<[Record<string, string>, string]>([
    [{ PORT: '70000' }, 'PORT must be at most 65535.'],
    [
      { EVENTSTORE_URL: 'esdb://x?throwOnAppendFailure=false' },
      'EVENTSTORE_URL must not switch throwOnAppendFailure off: lost races would pass as successes.',
    ],
    [
      { KEYRING_FILE: 'a', KEYRING_COMMAND: 'b' },
      'KEYRING_FILE and KEYRING_COMMAND exclude each other; set one of them.',
    ],
    ...['true', 'perhaps', '192.0.2.7,', '192.0.2', '10.0.0.0/0', '10.0.0.0/33', '10.0.0.0/8/8', '::/0', 'proxy'].map(
      (value): [Record<string, string>, string] => [
        { TRUST_PROXY: value, DEVELOPMENT_MAILBOX: 'true' },
        "TRUST_PROXY must be false or the proxies' addresses and networks, such as 192.0.2.7,10.0.0.0/8: from anybody else it would be believed, too.",
      ],
    ),
    [{ TEMPORAL_ADDRESS: 'https://temporal:7233' }, 'TEMPORAL_ADDRESS must be HOST:PORT, without a scheme.'],
    [{ SMTP_URL: 'mail:25', MAIL_FROM: 'a@example.com' }, 'SMTP_URL must begin with smtp:// or smtps://.'],
    [{ SMTP_URL: 'smtp://mail' }, 'MAIL_FROM is needed with SMTP_URL: the address that mails come from.'],
    [
      { MAIL_FROM: 'a@example.com, b@example.com' },
      'MAIL_FROM must be an address such as Shomei <no-reply@example.com>.',
    ],
    [
      { TEMPORAL_TLS_SERVER_CA_CERT_PATH: '/nowhere' },
      'TEMPORAL_TLS_SERVER_CA_CERT_PATH must name a file that can be read.',
    ],
    [
      { TEMPORAL_TLS_CLIENT_CERT_PATH: 'package.json' },
      'TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH belong together; set both or none.',
    ],
    [
      { DEMO_CLOCK: 'true', TEMPORAL_ADDRESS: 'temporal:7233' },
      'DEMO_CLOCK needs the embedded Temporal node; a cluster at TEMPORAL_ADDRESS has its own time.',
    ],
    [
      { DEMO_CLOCK: 'yes', TEMPORAL_ADDRESS: 'temporal:7233' },
      'DEMO_CLOCK needs the embedded Temporal node; a cluster at TEMPORAL_ADDRESS has its own time.',
    ],
    [
      { ...MAIL, DEVELOPMENT_MAILBOX: '1' },
      'SMTP_URL and DEVELOPMENT_MAILBOX exclude each other; mails go to one place.',
    ],
    [{ ...MAIL, PUBLIC_URL: 'portal' }, 'PUBLIC_URL must be an address such as https://portal.example.com.'],
  ])('%j: %s', (env, fault) => expect(faultsOf(env)).toEqual([fault]));

  it('shows no value', () => expect(faultsOf({ DATABASE_URL: 'mysql://u:hunter2@x' }).join()).not.toContain('hunter2'));
});
