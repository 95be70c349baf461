import { spawnSync } from 'node:child_process';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { pino } from 'pino';
import { perTurn } from './per-turn.js';

it('writes the lines of a turn together when it is over, all of them and in their order', async () => {
  const written: string[] = [];
  const lines = perTurn({ write: (text) => void written.push(text) });
  for (const line of ['a\n', 'b\n']) lines.write(line);
  expect(written).toEqual([]);
  await turn();
  lines.write('c\n');
  await turn();
  expect(written).toEqual(['a\nb\n', 'c\n']);
});

it('holds back no more than a bounded amount, and nothing of what is fatal', () => {
  const written: string[] = [];
  const log = pino({ base: null, timestamp: false }, perTurn({ write: (text) => void written.push(text) }));
  log.info('x'.repeat(70_000));
  expect(written.join('')).toHaveLength(70_000 + '{"level":30,"msg":""}\n'.length);
  log.info('before');
  log.fatal('the end');
  expect(written.slice(1).join('')).toBe('{"level":30,"msg":"before"}\n{"level":60,"msg":"the end"}\n');
});

it.each(['process.exit(3)', 'throw new Error("fault")'])('loses nothing to an end by %s', (end) => {
  const program = `
    const { perTurn } = await import(${JSON.stringify(new URL('./per-turn.ts', import.meta.url).href)});
    perTurn().write('kept');
    ${end}`;
  const sources = new URL('../../../test/kit/from-sources.mjs', import.meta.url).href;
  const { stdout } = spawnSync(process.execPath, ['--import', sources, '--input-type=module', '-e', program]);
  expect(stdout.toString()).toBe('kept');
});
