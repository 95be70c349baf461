import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** A folder that is gone when the suite ends. */
export const ownFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'shomei-'));
  folders.push(folder);
  return folder;
};
