import { type DestinationStream, type Logger, pino } from 'pino';

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
  return destination ? pino(options, destination) : pino(options);
};

export type Log = Logger;
export const LOG = Symbol('log');
