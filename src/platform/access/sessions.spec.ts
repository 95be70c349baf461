import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { onEveryDatabase } from '../../../test/kit/databases.js';
import { ownFolder } from '../../../test/kit/own-folder.js';
import type { Database } from '../sql/database.js';
import { Keyring } from '../vault/keyring.js';
import { Sessions, type SessionTables } from './sessions.js';

onEveryDatabase('a session and the credential it stands on', (open) => {
  let database: Database<SessionTables>;
  let sessions: Sessions;
  beforeAll(async () => {
    database = await open();
    const keyring = Keyring.open(join(ownFolder(), 'keyring.json'));
    const clock = { now: () => new Date('2026-07-01T00:00:00Z') };
    sessions = new Sessions(database, keyring, clock, 60_000, 3_600_000);
    await sessions.prepare();
  });
  afterAll(() => database.close());

  const start = (credentialId: string) =>
    sessions.start({
      ...{
        accountId: 'a',
        kind: 'user',
        service: 'e-contract',
        tenant: 't',
        loginId: 'l',
        name: 'n',
        role: 'newcomer',
      },
      credentialId,
    });

  it('goes over to the successor that it announced, and only it', async () => {
    const [own, other] = [await start('c1'), await start('c1')];
    await sessions.willGoOver(own, 'c2', 'member');
    expect(await sessions.find(own)).toMatchObject({ credentialId: 'c1', role: 'newcomer' });
    await sessions.endProvenBy('c1', 'c2');
    expect(await sessions.find(own)).toMatchObject({ credentialId: 'c2', role: 'member' });
    expect(await sessions.find(other)).toBeNull();
    // Told of twice, as the reaction and the request do.
    await sessions.endProvenBy('c1', 'c2');
    expect(await sessions.find(own)).not.toBeNull();
    await sessions.endProvenBy('c2', 'c3');
    expect(await sessions.find(own)).toBeNull();
  });

  it('ends with its credential where the announced one never counted', async () => {
    const token = await start('d1');
    await sessions.willGoOver(token, 'd2', 'member');
    await sessions.endProvenBy('d1', 'd3');
    expect(await sessions.find(token)).toBeNull();
  });

  it('announces anew, and what is announced for a session that is gone goes with it', async () => {
    const token = await start('e1');
    await sessions.willGoOver(token, 'e2', 'member');
    await sessions.willGoOver(token, 'e3', 'member');
    await sessions.endProvenBy('e1', 'e3');
    expect(await sessions.find(token)).toMatchObject({ credentialId: 'e3' });
    await sessions.end(token);
    await start('f1');
    expect(await database.read.selectFrom('session_successors').selectAll().execute()).toEqual([]);
  });
});
