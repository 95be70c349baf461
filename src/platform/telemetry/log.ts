import { type DestinationStream, type Logger, pino } from 'pino';
import { gatheredLines } from './gathered-lines.js';

/** Whatever carries a secret or names a person, wherever it hides one or two levels deep. */
const UNSPEAKABLE = [
  'password',
  'currentPassword',
  'newPassword',
  'passwordRepeat',
  'initialPassword',
  'token',
  'secret',
  'cookie',
  'authorization',
  'displayName',
  'userId',
  'loginId',
];

export const logOf = (level: string, destination?: DestinationStream): Logger => {
  const paths = UNSPEAKABLE.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths, censor: '[hidden]' },
  };
  return pino(options, destination ?? gatheredLines());
};

export type Log = Logger;
export const LOG = Symbol('log');
