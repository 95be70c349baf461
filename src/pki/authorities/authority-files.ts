import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { IssuanceRegister, Reservation, Reserved } from '../certificates/serial.js';
import { readIfThere, writeOnce } from '../durable-files.js';

/**
 * Certificates of the authorities themselves, in files, so that a first start needs no database. A crash between
 * any two steps is repaired by the next start, which goes on with the serial and the body that were written down.
 */
export class AuthorityFiles implements IssuanceRegister {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async reserve({ issuanceId, serial, body, instead }: Reservation): Promise<Reserved> {
    const path = this.#path(issuanceId, 'reserved');
    const before = await readIfThere(path);
    if (before !== undefined && reservedOf(before).serial === instead) await rm(path);
    await writeOnce(path, Buffer.from(`${serial} ${body.toString('base64')}`, 'latin1'));
    return reservedOf(await this.#readBack(issuanceId, 'reserved'));
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

const reservedOf = (content: Buffer): Reserved => {
  const [serial = '', body = ''] = content.toString('latin1').split(' ');
  return { serial, body: Buffer.from(body, 'base64') };
};
