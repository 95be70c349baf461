import type { Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import { type FieldError, invalid } from '../../kernel/refusal.js';
import { HEAD_BYTES, PAPER_KINDS, type PaperKind, paperKindOf } from '../../platform/documents/file-kinds.js';
import { MalwareCheck } from '../../platform/documents/malware.js';
import { Refused } from '../../platform/http/refused.js';
import { Blobs, type Kept, TooLarge } from '../../platform/vault/blobs.js';
import { UnnamedPapers } from './unnamed-papers.js';

const PURPOSE = 'identity-document';
const MEGABYTE = 1024 * 1024;
export const PAPER_MAX_MEGABYTES = 10;
const FIELD = 'identityDocument';

export type Paper = Kept & Readonly<{ mediaType: PaperKind; checkedBy: string }>;

const refuse = (fault: Omit<FieldError, 'field'>): never => {
  throw new Refused(invalid([{ field: FIELD, ...fault }]));
};

async function* followedBy(body: Readable, then: () => Promise<void>): AsyncGenerator<Buffer> {
  yield* body as AsyncIterable<Buffer>;
  await then();
}

/** Scans of identity documents: sealed while they come in, judged by their content, never by their names. */
@Injectable()
export class Papers {
  constructor(
    @Inject(Blobs) private readonly blobs: Blobs,
    @Inject(MalwareCheck) private readonly malware: MalwareCheck,
    @Inject(UnnamedPapers) private readonly unnamed: UnnamedPapers,
  ) {}

  /**
   * Keeps what may be kept and refuses the rest with E400, leaving nothing behind. What is kept must be recorded
   * for the application soon, or it goes again.
   */
  async keep(documentId: string, applicationId: string, body: Readable): Promise<Paper> {
    // A killed process is not always followed by a start, so not only there.
    await this.sweep();
    const kept = await this.stored(documentId, applicationId, body);
    try {
      const mediaType = await this.kindOf(documentId);
      if (!(await this.malware.isClean(await this.content(documentId)))) refuse({ rule: 'malware' });
      return { ...kept, mediaType, checkedBy: this.malware.name };
    } catch (error) {
      await this.forget(documentId);
      throw error;
    }
  }

  /** Null where it was deleted. */
  open(documentId: string): Promise<AsyncGenerator<Buffer> | null> {
    return this.blobs.open(documentId, PURPOSE);
  }

  async forget(documentId: string): Promise<void> {
    await this.blobs.delete(documentId, PURPOSE);
    await this.unnamed.done(documentId);
  }

  recorded(documentId: string): Promise<void> {
    return this.unnamed.done(documentId);
  }

  /** Removes what was kept and never recorded: by now, or for an application that takes no scans any more. */
  async sweep(endedApplicationId?: string): Promise<void> {
    const { unnamed } = this;
    const left = endedApplicationId === undefined ? unnamed.old() : unnamed.ofEnded(endedApplicationId);
    for (const documentId of await left) await this.forget(documentId);
  }

  private async stored(documentId: string, applicationId: string, body: Readable): Promise<Kept> {
    // When the last byte has come and before the file counts as complete, so that no moment is without one of the two.
    const noted = followedBy(body, () => this.unnamed.note(documentId, applicationId));
    try {
      return await this.blobs.put(documentId, PURPOSE, noted, PAPER_MAX_MEGABYTES * MEGABYTE);
    } catch (error) {
      await this.unnamed.done(documentId);
      if (error instanceof TooLarge) return refuse({ rule: 'fileSize', params: { maxMegabytes: PAPER_MAX_MEGABYTES } });
      throw error;
    }
  }

  private async kindOf(documentId: string): Promise<PaperKind> {
    const first = await (await this.content(documentId)).next();
    const bytes = first.done ? Buffer.alloc(0) : first.value;
    if (bytes.length === 0) return refuse({ rule: 'required' });
    const kinds = Object.values(PAPER_KINDS).join(', ');
    return paperKindOf(bytes.subarray(0, HEAD_BYTES)) ?? refuse({ rule: 'fileKind', params: { kinds } });
  }

  private async content(documentId: string): Promise<AsyncGenerator<Buffer>> {
    return (await this.open(documentId))!;
  }
}
