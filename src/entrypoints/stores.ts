import type { Clock } from '../kernel/clock.js';
import { Attempts, type AttemptTables } from '../platform/access/attempts.js';
import { Links } from '../platform/access/links.js';
import { Passwords } from '../platform/access/passwords.js';
import { Sessions, type SessionTables } from '../platform/access/sessions.js';
import { AccessTokens, type TokenTables } from '../platform/access/tokens.js';
import { Challenges, type ChallengeTables } from '../platform/challenges/challenges.js';
import type { Config } from '../platform/config/config.js';
import { codecOf } from '../platform/event-store/codec.js';
import { EsdbEventStore } from '../platform/event-store/esdb.js';
import { Mailbox, type MailboxTables } from '../platform/mail/mailbox.js';
import type { PkiTables } from '../platform/pki/pki.js';
import type { AnyTables } from '../platform/projections/definition.js';
import { type Database, openDatabase } from '../platform/sql/database.js';
import { oneAtATime } from '../platform/sql/one-at-a-time.js';
import { Checkpoints } from '../platform/subscriptions/checkpoints.js';
import { ParkedEvents } from '../platform/subscriptions/parked-events.js';
import { Blobs } from '../platform/vault/blobs.js';
import { Keyring } from '../platform/vault/keyring.js';
import { Vault, type VaultTables } from '../platform/vault/vault.js';
import { eventDefinitions, eventUpcasters } from './events.js';

type SecretTables = ChallengeTables &
  VaultTables &
  SessionTables &
  TokenTables &
  AttemptTables &
  PkiTables &
  MailboxTables;

export type Stores = Readonly<{
  events: EsdbEventStore;
  readModels: Database<AnyTables>;
  secrets: Database<SecretTables>;
  keyring: Keyring;
  vault: Vault;
  passwords: Passwords;
  blobs: Blobs;
  challenges: Challenges;
  links: Links;
  sessions: Sessions;
  tokens: AccessTokens;
  /** Null where mails go to a mail server. */
  mailbox: Mailbox | null;
  attempts: Attempts;
  checkpoints: Checkpoints;
  parkedEvents: ParkedEvents;
  close: () => Promise<void>;
}>;

export const openStores = async (config: Config, eventStoreUrl: string, clock: Clock): Promise<Stores> => {
  const { keyring: source } = config;
  const secrets = await openDatabase<SecretTables>(config.secrets);
  const keyring =
    source.kind === 'file'
      ? Keyring.open(source.path, !(await Vault.hasKeyring(secrets.write)))
      : Keyring.fromCommand(source.command);
  const readModels = await openDatabase<AnyTables>(config.readModels);
  const vault = new Vault(secrets.write, keyring);
  const sessions = new Sessions(secrets, keyring, clock, config.sessionIdleMs, config.sessionLifeMs);
  const tokens = new AccessTokens(secrets, clock);
  const attempts = new Attempts(secrets, clock);
  const checkpoints = new Checkpoints(secrets.write as never, clock);
  const challenges = new Challenges(secrets.write, keyring, clock);
  const blobs = new Blobs(vault, clock);
  const passwords = new Passwords(vault, keyring, clock);
  const links = new Links(keyring);
  const mailbox = config.mail.smtpUrl === null ? new Mailbox(secrets.write, vault, clock) : null;
  await oneAtATime(secrets as never, async () => {
    for (const kept of [vault, sessions, tokens, attempts, checkpoints, challenges, mailbox]) await kept?.prepare();
  });
  await blobs.sweep();
  const events = new EsdbEventStore(eventStoreUrl, codecOf(eventDefinitions, eventUpcasters));
  const definitions = eventDefinitions;
  const parkedEvents = new ParkedEvents({
    readModels,
    secrets: secrets as never,
    events,
    checkpoints,
    definitions,
    clock,
  });
  const close = async () => {
    await events.close();
    await readModels.close();
    await secrets.close();
  };
  const kept = {
    keyring,
    vault,
    blobs,
    challenges,
    passwords,
    links,
    sessions,
    tokens,
    attempts,
    mailbox,
    checkpoints,
    parkedEvents,
  };
  return { events, readModels, secrets, ...kept, close };
};
