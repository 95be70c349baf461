import type { LoggerService } from '@nestjs/common';
import type { Log } from '../telemetry/log.js';

/** What the framework has to say stands in the log like everything else: one line of JSON. Its chatter at start does not. */
export const nestLogger = (log: Log): LoggerService => {
  const said =
    (level: 'error' | 'fatal' | 'warn') =>
    (message: unknown, ...more: unknown[]): void => {
      const about = more.filter((one) => typeof one === 'string');
      if (message instanceof Error) log[level]({ err: message, about }, 'the framework');
      else log[level]({ about }, `the framework: ${String(message)}`);
    };
  return { log: () => undefined, error: said('error'), fatal: said('fatal'), warn: said('warn') };
};
