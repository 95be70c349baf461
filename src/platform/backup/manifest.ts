import { createHash, timingSafeEqual } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import type { Keyring } from '../vault/keyring.js';

const MANIFEST = 'manifest.json';
const FORMAT = 1;

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const schema = z.strictObject({
  format: z.literal(FORMAT),
  productVersion: z.string(),
  nodeVersion: z.string(),
  /** The moment that the backup shows. */
  takenAt: z.iso.datetime(),
  files: z.array(z.strictObject({ path: z.string(), bytes: z.int(), sha256: digest, says: z.string() })),
  /** Without these keys the backup cannot be used, and they are not in it unless somebody asked for that. */
  keys: z.strictObject({ included: z.boolean(), needed: z.array(z.string()), mark: digest }),
  leftOut: z.array(z.string()),
  /** Over everything above, by a key of the key ring: without it nobody makes a backup that would be taken for ours. */
  proof: digest,
});
export type Manifest = z.infer<typeof schema>;
export type Unproved = Omit<Manifest, 'proof' | 'format'>;

const unproved = schema.omit({ proof: true, format: true });

/** Parsed first, so that the order in which somebody wrote the fields does not matter. */
const proofOf = (content: Unproved, keyring: Keyring): string =>
  keyring.derive('backup-manifest', JSON.stringify(unproved.parse(content))).toString('hex');

/** Written last: a folder without it is no backup. */
export const writeManifest = (folder: string, content: Unproved, keyring: Keyring): void => {
  const manifest: Manifest = { format: FORMAT, ...content, proof: proofOf(content, keyring) };
  writeFileSync(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600, flush: true });
};

export const readManifest = (folder: string): Manifest => {
  const file = join(folder, MANIFEST);
  if (!existsSync(file)) throw new Error(`${folder} is no finished backup: it has no ${MANIFEST}`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw new Error(`${file} is damaged`);
  }
  if ((parsed as { format?: unknown } | null)?.format !== FORMAT)
    throw new Error(`${file} has a format that this program does not know; restore with the program that made it`);
  const { success, data } = schema.safeParse(parsed);
  if (!success) throw new Error(`${file} is damaged`);
  return data;
};

/** The backup needs this key ring, and whoever made the backup had it. */
export const assertMadeWith = ({ proof, format: _, ...content }: Manifest, keyring: Keyring): void => {
  const { needed, mark } = content.keys;
  const lacking = needed.filter((id) => !keyring.has(id));
  if (mark !== keyring.mark || lacking.length > 0)
    throw new Error('the key ring is not the one that this backup was made with; nothing was restored');
  const expected = Buffer.from(proofOf(content, keyring));
  if (!timingSafeEqual(expected, Buffer.from(proof)))
    throw new Error('the manifest of the backup was changed after it was made; nothing was restored');
};

export const sha256Of = async (file: string): Promise<string> => {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
};
