import { join } from 'node:path';
import type { IssuanceRegister, Reservation } from '../certificates/serial.js';
import { readIfThere, writeOnce } from '../durable-files.js';

/**
 * Certificates of the authorities themselves, in files, so that a first start needs no database. A crash between
 * any two steps is repaired by the next start, which goes on with the serial that was written down.
 */
export class AuthorityFiles implements IssuanceRegister {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async reserve({ issuanceId, serial }: Reservation): Promise<string> {
    await writeOnce(this.#path(issuanceId, 'serial'), Buffer.from(serial, 'latin1'));
    return (await this.#readBack(issuanceId, 'serial')).toString('latin1');
  }

  async keep(_authorityId: string, issuanceId: string, certificate: Buffer): Promise<Buffer> {
    await writeOnce(this.#path(issuanceId, 'cer'), certificate);
    return this.#readBack(issuanceId, 'cer');
  }

  kept(_authorityId: string, issuanceId: string): Promise<Buffer | undefined> {
    return readIfThere(this.#path(issuanceId, 'cer'));
  }

  async #readBack(issuanceId: string, kind: string): Promise<Buffer> {
    const content = await readIfThere(this.#path(issuanceId, kind));
    if (content === undefined) throw new Error(`the file of ${issuanceId} vanished`);
    return content;
  }

  #path(issuanceId: string, kind: string): string {
    return join(this.#folder, `${issuanceId}.${kind}`);
  }
}
