import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderInUse, ownFolder } from './own-folder.js';

const freshFolder = (): string => join(mkdtempSync(join(tmpdir(), 'own-folder-')), 'data');

describe('a data folder', () => {
  it('belongs to one owner, and the second is told who that is', () => {
    const folder = freshFolder();
    const owned = ownFolder(folder, 'event store');
    expect(() => ownFolder(folder, 'another')).toThrow(FolderInUse);
    expect(() => ownFolder(folder, 'another')).toThrow(`in use by event store, process ${process.pid}, since 20`);
    owned.release();
    expect(existsSync(join(folder, 'owner.json'))).toBe(false);
    ownFolder(folder, 'another').release();
  });

  it('still belongs to its owner when a second-comer of the same process has been refused', () => {
    const folder = freshFolder();
    const owned = ownFolder(folder, 'the first');
    expect(() => ownFolder(folder, 'the second')).toThrow(FolderInUse);
    const program = `
      import { ownFolder } from ${JSON.stringify(new URL('../dist/own-folder.js', import.meta.url).href)};
      ownFolder(${JSON.stringify(folder)}, 'another process');`;
    const other = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
    expect(other.stderr).toContain(`in use by the first, process ${process.pid}`);
    owned.release();
  });

  it('is closed to other users of the machine', () => {
    const folder = freshFolder();
    ownFolder(folder, 'event store').release();
    expect(statSync(folder).mode & 0o077).toBe(0);
  });

  it('is free again when its owner is killed', async () => {
    const folder = freshFolder();
    const program = `
      import { ownFolder } from ${JSON.stringify(new URL('../dist/own-folder.js', import.meta.url).href)};
      ownFolder(${JSON.stringify(folder)}, 'a program in another process');
      console.log('owned');
      setInterval(() => {}, 1000);`;
    const other = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(other.stdout, 'data');
    expect(() => ownFolder(folder, 'this one')).toThrow(`a program in another process, process ${other.pid}`);
    other.kill('SIGKILL');
    await once(other, 'exit');
    ownFolder(folder, 'this one').release();
  });
});
