import { execFileSync } from 'node:child_process';
import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
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

/** The keys that everything secret is sealed with, kept apart from what they seal. */
export class Keyring {
  /** Made once: every request that changes something derives from it. */
  private readonly derivationKey;

  private constructor(private readonly content: KeyFile) {
    this.derivationKey = createSecretKey(content.derivation, 'base64');
  }

  static open(path: string): Keyring {
    if (!existsSync(path)) {
      const id = newKeyId();
      write(path, { current: id, derivation: newKey(), keys: { [id]: newKey() } });
    }
    return new Keyring(checked(readFileSync(path, 'utf8'), path));
  }

  /** For production: a command (a KMS client, a secret manager) prints the same document. */
  static fromCommand(command: string): Keyring {
    const text = execFileSync('/bin/sh', ['-c', command], { encoding: 'utf8', timeout: 30_000 });
    return new Keyring(checked(text, 'the key command'));
  }

  /** Adds a key and makes it the current one. Old keys stay until nothing is sealed with them. */
  static rotate(path: string): Keyring {
    const content = checked(readFileSync(path, 'utf8'), path);
    const id = newKeyId();
    write(path, { ...content, current: id, keys: { ...content.keys, [id]: newKey() } });
    return Keyring.open(path);
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

const write = (path: string, content: KeyFile): void => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // Never half a key ring: with a key lost, everything sealed with it is lost.
  const draft = `${path}.new`;
  writeFileSync(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flush: true });
  chmodSync(draft, 0o600);
  renameSync(draft, path);
};
