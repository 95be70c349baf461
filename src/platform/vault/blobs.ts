import { createHash } from 'node:crypto';
import type { Clock } from '../../kernel/clock.js';
import type { Vault } from './vault.js';

const CHUNK_BYTES = 256 * 1024;
/** The purpose of the list of a file that has not come in completely. */
const INCOMING = 'incoming file';
/** No upload takes longer; whatever is older was broken off. */
export const INCOMING_MAX_MS = 60 * 60_000;

/** More came than may be kept; nothing of it is. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
}

export type Kept = Readonly<{ sizeBytes: number; sha256: string }>;

async function* inChunks(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  for await (const piece of source) {
    waiting.push(piece);
    waitingBytes += piece.length;
    while (waitingBytes >= CHUNK_BYTES) {
      const all = Buffer.concat(waiting);
      yield all.subarray(0, CHUNK_BYTES);
      waiting = [all.subarray(CHUNK_BYTES)];
      waitingBytes -= CHUNK_BYTES;
    }
  }
  if (waitingBytes > 0) yield Buffer.concat(waiting);
}

/**
 * Files, sealed as they come in: never more than a chunk of one is in memory. Each chunk is an entry of the vault,
 * bound to its place, so chunks cannot be exchanged, and a new key seals them anew with everything else.
 */
export class Blobs {
  constructor(
    private readonly vault: Vault,
    private readonly clock: Clock,
  ) {}

  async put(blobId: string, purpose: string, source: AsyncIterable<Buffer>, maxBytes: number): Promise<Kept> {
    // A killed process is not always followed by a start, so not only there.
    await this.sweep();
    // The list first: whatever breaks off now, even by a kill, is found by it.
    if (!(await this.vault.add(blobId, INCOMING, Buffer.alloc(0), this.clock.now())))
      throw new Error(`the file ${blobId} is there already`);
    const digest = createHash('sha256');
    let sizeBytes = 0;
    let chunks = 0;
    try {
      for await (const chunk of inChunks(source)) {
        sizeBytes += chunk.length;
        if (sizeBytes > maxBytes) throw new TooLarge();
        digest.update(chunk);
        await this.vault.put(nameOf(blobId, chunks), purpose, chunk, this.clock.now());
        chunks += 1;
      }
      // Last, so that what has a list of contents is complete.
      const list = Buffer.from(JSON.stringify({ chunks }));
      if (!(await this.vault.replace(blobId, INCOMING, purpose, list)))
        throw new Error(`the file ${blobId} was given up while it came in`);
    } catch (error) {
      await this.giveUp(blobId);
      throw error;
    }
    return { sizeBytes, sha256: digest.digest('hex') };
  }

  /** Null where there is none (any more). */
  async open(blobId: string, purpose: string): Promise<AsyncGenerator<Buffer> | null> {
    const chunks = await this.chunksOf(blobId, purpose);
    return chunks === null ? null : this.contentOf(blobId, purpose, chunks);
  }

  async delete(blobId: string, purpose: string): Promise<void> {
    const chunks = (await this.chunksOf(blobId, purpose)) ?? 0;
    for (let index = 0; index < chunks; index += 1) await this.vault.delete(nameOf(blobId, index));
    // Last: a deletion that broke off in the middle is found and finished by the next one.
    await this.vault.delete(blobId);
  }

  /** Removes what broke off in the middle. Answers how many files that were. */
  async sweep(): Promise<number> {
    const before = new Date(this.clock.now().getTime() - INCOMING_MAX_MS);
    const broken = await this.vault.idsOf(INCOMING, before);
    for (const blobId of broken) await this.giveUp(blobId);
    return broken.length;
  }

  private async giveUp(blobId: string): Promise<void> {
    await this.vault.deleteAll(nameOf(blobId, ''));
    await this.vault.delete(blobId);
  }

  private async *contentOf(blobId: string, purpose: string, chunks: number): AsyncGenerator<Buffer> {
    for (let index = 0; index < chunks; index += 1) {
      const chunk = await this.vault.get(nameOf(blobId, index), purpose);
      if (!chunk) throw new Error(`chunk ${index} of ${blobId} is missing`);
      yield chunk;
    }
  }

  private async chunksOf(blobId: string, purpose: string): Promise<number | null> {
    const list = await this.vault.get(blobId, purpose);
    return list && (JSON.parse(list.toString()) as { chunks: number }).chunks;
  }
}

const nameOf = (blobId: string, index: number | ''): string => `${blobId}.${index}`;
