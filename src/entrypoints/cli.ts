import { existsSync } from 'node:fs';
import { systemClock } from '../kernel/clock.js';
import { type Config, configOf } from '../platform/config/config.js';
import type { AnyTables } from '../platform/projections/definition.js';
import { Generations } from '../platform/projections/generations.js';
import { openDatabase } from '../platform/sql/database.js';
import { Keyring } from '../platform/vault/keyring.js';
import { Vault, type VaultTables } from '../platform/vault/vault.js';
import { backupCommand, checkCommand, restoreCommand } from './backup.js';
import { rescueCommand } from './rescue.js';
import { projections } from './projections.js';

const USAGE = `Usage: npm run shomei -- COMMAND

  projections                 the names of the read models
  projections rebuild NAME    build a read model anew; the running service does it beside the old rows
  projections discard NAME    take its rows away; the projector builds them anew at its next start
  vault new FILE              a new key ring, for the first start of a service whose processes share it
  vault rotate                a new key for everything secret, where one process is the whole service; restart it
  vault add-key               where there are several: a key that opens and does not seal yet; restart them all
  vault use-key ID            seal with that key from now on, once all know it; restart them again
  vault reseal                seal old entries under the current key, while the service runs
  staff rescue LOGIN          an administrator's account that opens again, with a new initial password; with embedded
                              data stop the service first
  backup DIR [--with-keys]    copy the embedded data as it is at this moment, while the service runs
  backup check DIR            say whether a backup is whole and belongs to the key ring
  restore DIR                 put a backup into an empty data folder`;

const rebuild = async (config: Config, name: string): Promise<string> => {
  const names = projections.map((projection) => projection.name);
  if (!names.includes(name)) throw new Error(`There is no read model named "${name}". There are: ${names.join(', ')}.`);
  const database = await openDatabase<AnyTables>(config.readModels);
  try {
    const generations = new Generations(database);
    await generations.prepare();
    await generations.request(name, systemClock.now());
    return `Asked for. The running service begins within a second; ${name} answers from the old rows until the new ones are complete.`;
  } finally {
    await database.close();
  }
};

const discard = async (config: Config, name: string): Promise<string> => {
  const database = await openDatabase<AnyTables>(config.readModels);
  try {
    const generations = new Generations(database);
    await generations.prepare();
    const gone = await generations.discard(name);
    return gone === 0 ? `There were no rows of ${name}.` : `The rows of ${name} are gone. Start the projector now.`;
  } finally {
    await database.close();
  }
};

const newKeyring = (path: string): string => {
  if (existsSync(path)) throw new Error(`${path} is there already; it was left as it is.`);
  Keyring.make(path);
  return `The key ring is in ${path}. Keep a copy in another place: without it nothing secret can ever be opened.`;
};

const keyFileOf = ({ keyring }: Config): string => {
  if (keyring.kind === 'file') return keyring.path;
  throw new Error(
    'The key ring comes from KEYRING_COMMAND; rotate it where it is kept: add a key, restart all, make it current, restart all.',
  );
};

const rotate = (config: Config): string => {
  const file = keyFileOf(config);
  if (config.secrets.kind === 'postgres')
    throw new Error(
      'Several processes may share this database, and one that is restarted would seal what the others cannot open yet. ' +
        'Run "vault add-key", restart all of them, then "vault use-key ID".',
    );
  return `The current key is now ${Keyring.rotate(file).currentId}. Restart the service, then run "vault reseal".`;
};

const addKey = (config: Config): string => {
  const id = Keyring.addKey(keyFileOf(config));
  return `The key ring has a new key, ${id}, which nothing is sealed with yet. Restart every process, then run "vault use-key ${id}".`;
};

const useKey = (config: Config, id: string): string => {
  const { currentId } = Keyring.makeCurrent(keyFileOf(config), id);
  return `The current key is now ${currentId}. Restart every process, then run "vault reseal".`;
};

const reseal = async (config: Config): Promise<string> => {
  const { keyring: source } = config;
  const keyring = source.kind === 'file' ? Keyring.open(source.path) : Keyring.fromCommand(source.command);
  const database = await openDatabase<VaultTables>(config.secrets);
  try {
    const vault = new Vault(database.write, keyring);
    await vault.prepare();
    return `${await vault.reseal()} entries were sealed again under ${keyring.currentId}.`;
  } finally {
    await database.close();
  }
};

const backup = (config: Config, [where, ...rest]: readonly string[]): Promise<string> => {
  if (where === 'check' && rest.length === 1) return checkCommand(config, rest[0]!);
  const others = rest.filter((option) => option !== '--with-keys');
  if (where === undefined || where.startsWith('-') || others.length > 0) throw new Error(USAGE);
  return backupCommand(config, where, rest.length > 0);
};

const run = async ([topic, action, name, ...rest]: readonly string[]): Promise<string> => {
  const command = [topic, action].filter((word) => word !== undefined).join(' ');
  const config = configOf(process.env);
  if (command === 'projections') return projections.map((projection) => projection.name).join('\n');
  if (command === 'projections rebuild' && name !== undefined) return rebuild(config, name);
  if (command === 'projections discard' && name !== undefined) return discard(config, name);
  if (command === 'staff rescue' && name !== undefined) return rescueCommand(config, name);
  if (topic === 'backup')
    return backup(
      config,
      [action, name, ...rest].filter((word) => word !== undefined),
    );
  if (topic === 'restore' && action !== undefined && name === undefined) return restoreCommand(config, action);
  if (command === 'vault new' && name !== undefined) return newKeyring(name);
  if (command === 'vault rotate') return rotate(config);
  if (command === 'vault add-key') return addKey(config);
  if (command === 'vault use-key' && name !== undefined) return useKey(config, name);
  if (command === 'vault reseal') return reseal(config);
  throw new Error(USAGE);
};

run(process.argv.slice(2)).then(
  (answer) => process.stdout.write(`${answer}\n`),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
