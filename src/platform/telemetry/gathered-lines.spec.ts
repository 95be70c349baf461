import { spawnSync } from 'node:child_process';
import { expect, it } from '@jest/globals';
import { pino } from 'pino';
import { eventually } from '../../../test/kit/eventually.js';
import { gatheredLines } from './gathered-lines.js';

const gathered = () => {
  const written: string[] = [];
  const options = { base: null, timestamp: false } as const;
  return { written, log: pino(options, gatheredLines({ write: (text) => void written.push(text) })) };
};
const lineOf = (level: number, msg: string) => `{"level":${level},"msg":"${msg}"}\n`;

it('writes the lines of a moment together, all of them and in their order', async () => {
  const { written, log } = gathered();
  const first = (count: number) =>
    eventually(
      () => Promise.resolve(written),
      ({ length }) => length === count,
    );
  log.info('a');
  log.child({}, { redact: { paths: [] } }).info('b');
  expect(written).toEqual([]);
  expect(await first(1)).toEqual([lineOf(30, 'a') + lineOf(30, 'b')]);
  log.info('c');
  expect((await first(2))[1]).toBe(lineOf(30, 'c'));
});

it.each([
  ['warn', 40],
  ['error', 50],
  ['fatal', 60],
] as const)('writes at once what is %s, with all before it', (level, number) => {
  const { written, log } = gathered();
  log.info('before');
  log[level]('bad');
  expect(written).toEqual([lineOf(30, 'before') + lineOf(number, 'bad')]);
});

it('holds back no more than a bounded amount', () => {
  const { written, log } = gathered();
  log.info('x'.repeat(70_000));
  expect(written).toEqual([lineOf(30, 'x'.repeat(70_000))]);
});

it.each(['process.exit(3)', 'throw new Error("fault")'])('loses nothing to an end by %s', (end) => {
  const program = `
    const { gatheredLines } = await import(${JSON.stringify(new URL('./gathered-lines.ts', import.meta.url).href)});
    gatheredLines().write('kept');
    ${end}`;
  const sources = new URL('../../../test/kit/from-sources.mjs', import.meta.url).href;
  const { stdout } = spawnSync(process.execPath, ['--import', sources, '--input-type=module', '-e', program]);
  expect(stdout.toString()).toBe('kept');
});
