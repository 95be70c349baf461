import type { Pki } from '../../src/platform/pki/pki.js';

export const revocationListsActivities = ({ pki }: Readonly<{ pki: Pki }>) => ({
  /** Answers when the next list is due. */
  async publishRevocationLists(): Promise<string> {
    return (await pki.lists.publishDue()).toISOString();
  },
});

export type RevocationListsActivities = ReturnType<typeof revocationListsActivities>;
