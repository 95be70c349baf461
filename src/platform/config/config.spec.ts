import { describe, expect, it } from '@jest/globals';
import { type ConfigurationFaults, configOf } from './config.js';

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
    }));

  it('takes an empty variable for an unset one', () =>
    expect(configOf({ PORT: '', DATABASE_URL: '' }).port).toBe(3000));

  it('moves to real engines by one variable each', () =>
    expect(configOf({ EVENTSTORE_URL: 'esdb://db:2113?tls=false', DATABASE_URL: 'postgres://db/x' })).toMatchObject({
      eventStoreUrl: 'esdb://db:2113?tls=false',
      readModels: { kind: 'postgres' },
      secrets: { kind: 'postgres' },
    }));

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
    [{ TRUST_PROXY: 'perhaps' }, 'TRUST_PROXY must be true or false.'],
    [{ PUBLIC_URL: 'portal' }, 'PUBLIC_URL must be an address such as https://portal.example.com.'],
  ])('%j: %s', (env, fault) => expect(faultsOf(env)).toEqual([fault]));

  it('shows no value', () => expect(faultsOf({ DATABASE_URL: 'mysql://u:hunter2@x' }).join()).not.toContain('hunter2'));
});
