import { existsSync, readFileSync } from 'node:fs';
import { type Config, ConfigurationFaults, configOf } from '../platform/config/config.js';
import { givenFileFaultsOf } from '../platform/pki/given-files.js';
import { Keyring } from '../platform/vault/keyring.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** One that is not named is not there, and one that cannot be read has been told of by the variable itself. */
const readable = (path: string | undefined): string | null => {
  if (path === undefined || path === '') return null;
  try {
    readFileSync(path);
    return path;
  } catch {
    return null;
  }
};

const keyringFaultsOf = ({ KEYRING_COMMAND, KEYRING_FILE, DATA_DIR }: Environment): readonly string[] => {
  const path = KEYRING_FILE || `${DATA_DIR || './data'}/keys/keyring.json`;
  // One that is not there is made, or is missing: that only the database knows.
  if (KEYRING_COMMAND || !existsSync(path)) return [];
  try {
    Keyring.open(path);
    return [];
  } catch (error) {
    return [`KEYRING_FILE: ${(error as Error).message}.`];
  }
};

/** What stands in the files that are named; whether it is in force is judged where the time is this machine's. */
const fileFaultsOf = (env: Environment): readonly string[] => [
  ...keyringFaultsOf(env),
  ...givenFileFaultsOf(
    {
      chainFile: env['DEMO_CLOCK'] ? null : readable(env['PKI_CHAIN_FILE']),
      keyFile: readable(env['PKI_KEY_FILE']),
      pinFile: readable(env['PKI_PKCS11_PIN_FILE']),
      publicUrl: env['PKI_PUBLIC_URL'] ?? '',
    },
    new Date(),
  ),
];

/**
 * All that can be said against a configuration before anything starts, at once: the values, what they name, and what the
 * program that is started `lacks` besides.
 */
export const configurationOf = (env: Environment, lacking: readonly string[] = []): Config => {
  const fileFaults = fileFaultsOf(env);
  try {
    const config = configOf(env);
    if (fileFaults.length + lacking.length === 0) return config;
  } catch (error) {
    if (!(error instanceof ConfigurationFaults)) throw error;
    throw new ConfigurationFaults([...error.faults, ...fileFaults, ...lacking]);
  }
  throw new ConfigurationFaults([...fileFaults, ...lacking]);
};
