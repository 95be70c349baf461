import { Writable } from 'node:stream';
import { expect, it } from '@jest/globals';
import { logOf } from '../telemetry/log.js';
import { nestLogger } from './nest-logger.js';

it('writes what the framework says as lines of JSON', () => {
  const lines: string[] = [];
  const log = logOf('info', new Writable({ write: (line, _, done) => (lines.push(String(line)), done()) }));
  const logger = nestLogger(log);
  logger.log('Nest application successfully started', 'NestApplication');
  logger.warn('a warning', 'RouterExplorer');
  logger.error(new Error('it broke'), 'ExceptionHandler');
  const said = lines.map((line) => JSON.parse(line) as { level: number; msg: string; about: string[]; err?: object });
  expect(said.map(({ level, msg, about }) => [level, msg, about])).toEqual([
    [40, 'the framework: a warning', ['RouterExplorer']],
    [50, 'the framework', ['ExceptionHandler']],
  ]);
  expect(said[1]!.err).toMatchObject({ message: 'it broke' });
});
