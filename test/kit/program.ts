import { type ChildProcess, spawn } from 'node:child_process';
import { firstLogin } from './first-login.js';

export type Ended = Readonly<{ code: number | null; out: string; err: string }>;

export type Program = Readonly<{
  child: ChildProcess;
  ended: Promise<Ended>;
  /** Everything said on stderr so far. */
  said: () => string;
  /** Resolves when stderr holds the text; rejects when the program ended before. */
  until: (text: string) => Promise<void>;
}>;

/** Unset, so that what a developer's shell names does not leak into a test. */
const OURS = [
  'EVENTSTORE_URL',
  'DATABASE_URL',
  'TEMPORAL_ADDRESS',
  'PUBLIC_URL',
  'SMTP_URL',
  'DEVELOPMENT_MAILBOX',
  'KEYRING_FILE',
  'KEYRING_COMMAND',
  'HOST',
  'PORT',
  'PKI_ORGANIZATION',
  'PKI_PUBLIC_URL',
  'PKI_CHAIN_FILE',
  'PKI_KEY_FILE',
  'PKI_PKCS11_LIBRARY',
  'PKI_PKCS11_TOKEN',
  'PKI_PKCS11_PIN_FILE',
];
const cleared = Object.fromEntries(OURS.map((name) => [name, '']));

/** One of the programs that people start, as it was built for this run of the tests. */
export const runProgram = (
  name: string,
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Program => {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', `dist/src/entrypoints/${name}.js`, ...args],
    {
      env: { ...process.env, ...cleared, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let out = '';
  let err = '';
  let listener = (): void => undefined;
  child.stdout.on('data', (chunk) => (out += String(chunk)));
  child.stderr.on('data', (chunk) => {
    err += String(chunk);
    listener();
  });
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, out, err })));
  const until = (text: string) =>
    new Promise<void>((resolve, reject) => {
      listener = () => err.includes(text) && resolve();
      listener();
      void ended.then(() => reject(new Error(`it ended: ${out}${err}`)));
    });
  return { child, ended, said: () => err, until };
};

export type Running = Program &
  Readonly<{
    /** Of the API; empty where the program has none. */
    url: string;
    /** Where health and metrics are. */
    health: string;
    password: string | null;
  }>;

/** Programs that end with the spec file that started them. To be called once in a `describe` or a file. */
export const programs = () => {
  const started: Program[] = [];
  afterAll(async () => {
    for (const { child, ended } of started) {
      child.kill('SIGKILL');
      await ended;
    }
  });
  const run = (name: string, env: Readonly<Record<string, string>>, ...args: readonly string[]): Program => {
    const program = runProgram(name, env, args);
    started.push(program);
    return program;
  };
  /** A program that serves HTTP, when it does. */
  const serve = async (name: string, env: Readonly<Record<string, string>>): Promise<Running> => {
    const program = run(name, { PORT: '0', LOG_LEVEL: 'silent', ...env });
    await program.until('/metrics\n');
    const said = program.said();
    const url = /API\s+(\S+)\n/.exec(said)?.[1] ?? '';
    const health = /Metrics\s+(\S+)\/metrics/.exec(said)![1]!;
    return { ...program, url, health, password: /Password\s+(\S+)/.exec(said)?.[1] ?? null };
  };
  return { run, serve };
};

export type Staff = Readonly<{
  post: (path: string, body: unknown, headers?: Record<string, string>) => Promise<Response>;
  get: (path: string) => Promise<Response>;
}>;

/** A browser over the network that is logged in to the back office. */
export const staffAt = async (url: string, password: string): Promise<Staff> => {
  const json = { 'content-type': 'application/json' };
  const { cookie, csrfToken } = await firstLogin(url, password);
  return {
    post: (path, body, headers = {}) =>
      fetch(`${url}/${path}`, {
        method: 'POST',
        headers: { ...json, cookie, 'x-csrf-token': csrfToken, ...headers },
        body: JSON.stringify(body),
      }),
    get: (path) => fetch(`${url}/${path}`, { headers: { cookie } }),
  };
};
