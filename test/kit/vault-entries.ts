import { openDatabase } from '../../src/platform/sql/database.js';
import type { VaultTables } from '../../src/platform/vault/vault.js';
import type { RunningService } from './service.js';

/** What lies in the vault under names that begin so, as somebody would find it who took the disk away. */
export const vaultEntries = async ({ config }: RunningService, namesBegin = '') => {
  const database = await openDatabase<VaultTables>(config.secrets);
  try {
    const entries = database.read.selectFrom('vault_entries').selectAll();
    return await entries.where('entry_id', 'like', `${namesBegin}%`).execute();
  } finally {
    await database.close();
  }
};
