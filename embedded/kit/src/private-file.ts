import { closeSync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes an empty file that only its owner can read, unless there is one. A file that is there is not even opened: on
 * POSIX systems closing it again would drop every lock that this process holds on it, SQLite's included.
 */
export const ensurePrivateFile = (file: string): void => {
  try {
    closeSync(openSync(file, 'wx', 0o600));
    syncFolder(dirname(file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
};

/** Makes a new name in a folder survive a power cut; the file's own content is its writer's business. */
export const syncFolder = (folder: string): void => {
  const descriptor = openSync(folder, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
};
