import { existsSync } from 'node:fs';
import { systemClock } from '../kernel/clock.js';
import { makeBackup } from '../platform/backup/make-backup.js';
import type { Manifest } from '../platform/backup/manifest.js';
import { checkBackup, restoreBackup } from '../platform/backup/restore-backup.js';
import type { Config } from '../platform/config/config.js';
import { Keyring } from '../platform/vault/keyring.js';
import { VERSION } from '../platform/version.js';
import { dataFolder } from './data-folder.js';

/** Three stores of which one is elsewhere have no common moment that this program could hold. */
const assertEmbedded = ({ eventStoreUrl, temporal, secrets }: Config): void => {
  const elsewhere = [
    ...(eventStoreUrl === null ? [] : ['EVENTSTORE_URL']),
    ...(temporal.address === null ? [] : ['TEMPORAL_ADDRESS']),
    ...(secrets.kind === 'sqlite' ? [] : ['DATABASE_URL']),
  ];
  if (elsewhere.length > 0)
    throw new Error(
      `This command copies the embedded data, but ${elsewhere.join(' and ')} name${elsewhere.length === 1 ? 's' : ''} a server.` +
        ' Back that up with its own tools, in the order that docs/operations.md gives.',
    );
};

/** Never made here: a new key ring opens nothing. */
const existingKeyring = ({ keyring }: Config): Keyring => {
  if (keyring.kind === 'command') return Keyring.fromCommand(keyring.command);
  if (!existsSync(keyring.path))
    throw new Error(
      `There is no key ring at ${keyring.path}. Put the one that belongs to the data there, or name it by KEYRING_FILE or KEYRING_COMMAND.`,
    );
  return Keyring.open(keyring.path);
};

const filesOf = ({ files }: Pick<Manifest, 'files'>): string[] =>
  files.map(({ path, bytes, says }) => `  ${path.padEnd(26)} ${String(bytes).padStart(12)} bytes   ${says}`);

export const backupCommand = async (config: Config, target: string, withKeys: boolean): Promise<string> => {
  assertEmbedded(config);
  const { keyring: source, dataDir } = config;
  if (withKeys && source.kind === 'command')
    throw new Error('The key ring comes from KEYRING_COMMAND; back it up where it is kept.');
  const keyFile = withKeys && source.kind === 'file' ? source.path : null;
  const keyring = existingKeyring(config);
  const manifest = await makeBackup({
    dataDir,
    target,
    folder: dataFolder,
    keyring,
    keyFile,
    productVersion: VERSION,
    now: systemClock.now(),
  });
  return [
    `The data of ${manifest.takenAt} is in ${target}, checked:`,
    ...filesOf(manifest),
    ...manifest.leftOut.map((file) => `  Not copied, because this program does not know it: ${file}`),
    keyFile === null
      ? `The keys are not in it. Keep ${source.kind === 'file' ? source.path : 'what KEYRING_COMMAND prints'} in another place: without it nobody can restore.`
      : 'The keys are in it, as asked: whoever has this folder can read everything.',
  ].join('\n');
};

export const checkCommand = async (config: Config, source: string): Promise<string> => {
  const manifest = await checkBackup(source, dataFolder, existingKeyring(config));
  return [`${source} is whole and shows the data of ${manifest.takenAt}:`, ...filesOf(manifest)].join('\n');
};

export const restoreCommand = async (config: Config, source: string): Promise<string> => {
  assertEmbedded(config);
  const { dataDir } = config;
  const manifest = await restoreBackup({ source, dataDir, folder: dataFolder, keyring: existingKeyring(config) });
  return [
    `The data of ${manifest.takenAt} is in ${dataDir}, checked against the backup:`,
    ...filesOf(manifest),
    'Everybody has to log in again. The read models are built from the events at the next start.',
    'What happened after that moment is not here; mails that were under way then are sent when the service starts.',
  ].join('\n');
};
