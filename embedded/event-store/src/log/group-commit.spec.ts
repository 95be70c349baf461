import { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { GroupCommit } from './group-commit.js';

const MANY = 20;

describe('groups', () => {
  let db: DatabaseSync;
  let group: GroupCommit;
  let commits: number;
  beforeEach(() => {
    db = new DatabaseSync(':memory:');
    commits = 0;
    group = new GroupCommit(db, { committed: () => (commits += 1), abandoned: (cause) => cause });
  });
  afterEach(() => db.close());
  const add = (): Promise<unknown> => group.submit(() => undefined);
  const manyAlone = async (): Promise<void> => {
    for (let done = 0; done < MANY; done++) await Promise.all([add(), nextTurn()]);
  };

  it('take in whoever asks during the turn', async () => {
    const all = Promise.all([add(), add(), add()]);
    expect(commits).toBe(0);
    await all;
    expect(commits).toBe(1);
  });

  it('do not wait for the end of the turn where everybody has been alone', async () => {
    await manyAlone();
    const before = commits;
    const one = add();
    expect(commits).toBe(before + 1);
    await one;
  });

  it('wait again as soon as two come in one turn', async () => {
    await manyAlone();
    const before = commits;
    const all = Promise.all([add(), add(), add()]);
    expect(commits).toBe(before + 1);
    await all;
    expect(commits).toBe(before + 2);
    const one = add();
    expect(commits).toBe(before + 2);
    await one;
  });

  it('tell the one who failed alone, and go on', async () => {
    await manyAlone();
    const cause = new Error('no room');
    const failing = group.submit(() => {
      throw cause;
    });
    await expect(failing).rejects.toBe(cause);
    expect(db.isTransaction).toBe(false);
    await add();
  });
});
