import { execFileSync } from 'node:child_process';
import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

const KEY_BYTES = 32;

const key = z.base64().refine((text) => Buffer.from(text, 'base64').length === KEY_BYTES, `must be ${KEY_BYTES} bytes`);
const file = z.strictObject({
  /** The key for new entries; the others still open old ones. */
  current: z.string(),
  /** For links, codes, digests and cookies, which are derived and never stored. Not rotated with the rest. */
  derivation: key,
  keys: z.record(z.string(), key),
});
type KeyFile = z.infer<typeof file>;

const newKey = () => randomBytes(KEY_BYTES).toString('base64');
const newKeyId = () => `k-${randomBytes(6).toString('hex')}`;

const checked = (text: string, source: string): KeyFile => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new Error(`the key ring from ${source} is not JSON`);
  }
  const { success, data } = file.safeParse(parsed);
  // No detail: what stands there wrongly may be a key.
  if (!success) throw new Error(`the key ring from ${source} is malformed`);
  if (!(data.current in data.keys)) throw new Error(`the key ring from ${source} lacks its current key`);
  return data;
};

const printed = (command: string): string => {
  try {
    return execFileSync('/bin/sh', ['-c', command], {
      encoding: 'utf8',
      timeout: 30_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch (error) {
    const { status, signal } = error as { status?: number | null; signal?: string | null };
    // Nothing of what it printed, nor the command itself: either may hold a secret.
    // eslint-disable-next-line preserve-caught-error -- the cause holds both
    throw new Error(`KEYRING_COMMAND: the command failed (${signal ?? `exit ${status}`})`);
  }
};

/** The keys that everything secret is sealed with, kept apart from what they seal. */
export class Keyring {
  /** Made once: every request that changes something derives from it. */
  private readonly derivationKey;

  private constructor(private readonly content: KeyFile) {
    this.derivationKey = createSecretKey(content.derivation, 'base64');
  }

  /** Makes a key ring where there is none yet, unless something was sealed with the one that is missing. */
  static open(path: string, mayBeMade = true): Keyring {
    if (!existsSync(path)) {
      if (!mayBeMade)
        throw new Error(
          `the key ring ${path} is missing, and without it nothing secret can be opened: put it back there`,
        );
      Keyring.make(path);
    }
    return new Keyring(checked(readPrivate(path), path));
  }

  /** A new key ring, for the first start of a service whose processes share it. Leaves one alone that is there. */
  static make(path: string): void {
    const id = newKeyId();
    const draft = drafted(path, { current: id, derivation: newKey(), keys: { [id]: newKey() } });
    try {
      // A link fails where another process was faster; a rename would take its keys away from it.
      linkSync(draft, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(draft);
    }
  }

  /** For production: a command (a KMS client, a secret manager) prints the same document. */
  static fromCommand(command: string): Keyring {
    return new Keyring(checked(printed(command), 'the key command'));
  }

  /**
   * The first half of a rotation: a key that opens and does not seal yet. While processes are restarted one after the
   * other, none may seal with what another cannot open. Answers the id of the key.
   */
  static addKey(path: string): string {
    const id = newKeyId();
    Keyring.rewrite(path, (content) => ({ ...content, keys: { ...content.keys, [id]: newKey() } }));
    return id;
  }

  /** The second half, once every process knows the key. Old keys stay until nothing is sealed with them. */
  static makeCurrent(path: string, id: string): Keyring {
    Keyring.rewrite(path, (content) => {
      if (!Object.hasOwn(content.keys, id)) throw new Error(`the key ring ${path} has no key ${id}`);
      return { ...content, current: id };
    });
    return Keyring.open(path);
  }

  /** Both halves at once, for a service that is one process. */
  static rotate(path: string): Keyring {
    return Keyring.makeCurrent(path, Keyring.addKey(path));
  }

  private static rewrite(path: string, change: (content: KeyFile) => KeyFile): void {
    renameSync(drafted(path, change(checked(readPrivate(path), path))), path);
  }

  get currentId(): string {
    return this.content.current;
  }

  has(id: string): boolean {
    return Object.hasOwn(this.content.keys, id);
  }

  /** Tells this key ring from any other, and nothing else about it. Stays the same when keys are rotated. */
  get mark(): string {
    return this.derive('key-ring-mark').toString('hex');
  }

  keyOf(id: string): Buffer {
    const known = this.content.keys[id];
    if (known === undefined) throw new Error(`the key ring has no key ${id}`);
    return Buffer.from(known, 'base64');
  }

  /** A secret that can be made again at any time and stands nowhere. */
  derive(purpose: string, ...names: readonly string[]): Buffer {
    const mac = createHmac('sha256', this.derivationKey);
    for (const part of [purpose, ...names]) mac.update(`${Buffer.byteLength(part)}:${part}`);
    return mac.digest();
  }
}

/** Never half a key ring: with a key lost, everything sealed with it is lost. */
const drafted = (path: string, content: KeyFile): string => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.new-${randomBytes(4).toString('hex')}`;
  writeFileSync(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flush: true });
  chmodSync(draft, 0o600);
  return draft;
};

const EVERYBODY = 0o007;

const readPrivate = (path: string): string => {
  let mode: number;
  let text: string;
  try {
    ({ mode } = statSync(path));
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`the key ring ${path} cannot be read (${code}): it must belong to the user who runs this program`, {
      cause: error,
    });
  }
  if ((mode & EVERYBODY) !== 0)
    throw new Error(`the key ring ${path} is open to everybody on this machine: chmod o-rwx ${path}`);
  return text;
};
