import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../kernel/clock.js';
import { Decisions } from '../../platform/commands/decisions.js';
import { INCOMING_MAX_MS } from '../../platform/vault/blobs.js';
import { Vault } from '../../platform/vault/vault.js';
import { applicationById } from './lookups.js';

const PURPOSE = 'document without an event';

/**
 * Notes of scans that came in completely and that no event names yet. Whatever dies between keeping a scan and
 * recording it, a kill too, leaves its note behind, and by that the scan is found and removed.
 */
@Injectable()
export class UnnamedPapers {
  constructor(
    @Inject(Vault) private readonly vault: Vault,
    @Inject(Decisions) private readonly decisions: Decisions,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  note(documentId: string, applicationId: string): Promise<void> {
    return this.vault.put(noteOf(documentId), PURPOSE, Buffer.from(applicationId), this.clock.now());
  }

  /** An event names it now, or it is gone. */
  done(documentId: string): Promise<void> {
    return this.vault.delete(noteOf(documentId));
  }

  /** Of an application that takes no scans any more: whatever its stream does not name by now it never will. */
  async ofEnded(applicationId: string): Promise<readonly string[]> {
    const left: string[] = [];
    for (const documentId of await this.noted())
      if ((await this.applicationOf(documentId)) === applicationId) left.push(documentId);
    return this.nobodys(left);
  }

  /** Longer ago than any upload and its check take. */
  async old(): Promise<readonly string[]> {
    return this.nobodys(await this.noted(new Date(this.clock.now().getTime() - INCOMING_MAX_MS)));
  }

  private async noted(before?: Date): Promise<readonly string[]> {
    return (await this.vault.idsOf(PURPOSE, before)).map((id) => id.slice(PREFIX.length));
  }

  private async applicationOf(documentId: string): Promise<string | null> {
    return (await this.vault.get(noteOf(documentId), PURPOSE))?.toString() ?? null;
  }

  /** What is named was recorded, and only its note was left behind. */
  private async nobodys(documentIds: readonly string[]): Promise<readonly string[]> {
    const left: string[] = [];
    for (const documentId of documentIds) {
      const applicationId = await this.applicationOf(documentId);
      if (applicationId === null) continue;
      const { document } = await applicationById(this.decisions, applicationId);
      if (document?.documentId === documentId) await this.done(documentId);
      else left.push(documentId);
    }
    return left;
  }
}

const PREFIX = 'unnamed:';
const noteOf = (documentId: string): string => `${PREFIX}${documentId}`;
