/** What a process of the service can do; `npm start` does all of it in one. */
export type Role =
  /** Answers people and client programs: commands and queries. */
  | 'api'
  /** Keeps the read models up to date and does what follows from events; one process at a time. */
  | 'projector'
  /** Carries out processes: what Temporal hands out. */
  | 'worker';

export const EVERY_ROLE: readonly Role[] = ['api', 'projector', 'worker'];

const ENGINES: Readonly<Record<Role, readonly string[]>> = {
  api: ['EVENTSTORE_URL', 'DATABASE_URL'],
  projector: ['EVENTSTORE_URL', 'DATABASE_URL', 'TEMPORAL_ADDRESS'],
  worker: ['EVENTSTORE_URL', 'DATABASE_URL', 'TEMPORAL_ADDRESS'],
};

/** What a process that does part of the work cannot do without: stores that the others reach as well. */
export const sharingFaultsOf = (role: Role, env: Readonly<Record<string, string | undefined>>) => {
  const lacking = ENGINES[role].filter((variable) => !env[variable]);
  const faults = lacking.map(
    (variable) =>
      `${variable} must name a server: what is embedded belongs to one process, and others work beside the ${role}.`,
  );
  if (!env['KEYRING_FILE'] && !env['KEYRING_COMMAND'])
    faults.push(`KEYRING_FILE or KEYRING_COMMAND must be set: every process needs the same key ring.`);
  if (!env['PUBLIC_URL'])
    faults.push(
      'PUBLIC_URL must be set: links and certificates name it, and one process does not know where another is reached.',
    );
  return faults.length === 0 ? faults : [...faults, 'For everything in one process, run "npm start" instead.'];
};
