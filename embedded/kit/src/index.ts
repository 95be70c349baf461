export { FolderInUse, ownFolder, type OwnedFolder } from './own-folder.js';
export {
  damageIn,
  DamagedFile,
  isDiskFailure,
  NewerFile,
  openDurableFile,
  type DurableFileOptions,
} from './durable-file.js';
export { privateIdentity, type PrivateIdentity } from './private-identity.js';
export { serveInWorker, startInWorker, type RunningNode } from './worker-thread.js';
export { failCommand, runNode } from './node-command.js';
