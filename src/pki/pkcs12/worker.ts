import { parentPort } from 'node:worker_threads';
import { writePfx, type PfxContent } from './write-pfx.js';

export interface PfxTask {
  readonly number: number;
  readonly form: PfxContent['form'];
  readonly privateKey: Uint8Array;
  readonly certificates: readonly Uint8Array[];
  readonly friendlyName: string;
  readonly pin: Uint8Array;
}

export type PfxResult = { readonly number: number } & ({ readonly pfx: Uint8Array } | { readonly fault: string });

/** The PIN and the key were moved here, not copied, and end here. */
export const work = (task: PfxTask): PfxResult => {
  const privateKey = Buffer.from(task.privateKey.buffer, task.privateKey.byteOffset, task.privateKey.byteLength);
  const utf8 = Buffer.from(task.pin.buffer, task.pin.byteOffset, task.pin.byteLength);
  const bmp = Buffer.alloc(2 * utf8.length + 2);
  // PINs are ASCII.
  utf8.forEach((character, index) => (bmp[2 * index + 1] = character));
  try {
    const certificates = task.certificates.map((certificate) => Buffer.from(certificate));
    const { form, friendlyName, number } = task;
    return { number, pfx: writePfx({ form, privateKey, certificates, friendlyName }, { utf8, bmp }) };
  } catch (error) {
    // The name only: a message could quote what it was given.
    return { number: task.number, fault: (error as Error).name };
  } finally {
    for (const secret of [privateKey, utf8, bmp]) secret.fill(0);
  }
};

parentPort?.on('message', (task: PfxTask) => parentPort?.postMessage(work(task)));
