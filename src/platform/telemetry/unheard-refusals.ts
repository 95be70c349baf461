import type { OnRefused } from '../subscriptions/reactions.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';

/** Counts every refusal that no person hears of, and tells the log of the first of each kind: some are in order, many are not. */
export const unheardRefusals = (
  { consequenceRefusals }: Pick<Metrics, 'consequenceRefusals'>,
  log: Pick<Log, 'warn'>,
): OnRefused => {
  const told = new Set<string>();
  return (by, command, code) => {
    consequenceRefusals.inc({ by, command, code });
    const kind = `${by} ${command} ${code}`;
    if (told.has(kind)) return;
    told.add(kind);
    log.warn(
      { by, command, code },
      'what a reaction or an activity asked for was refused; further ones are only counted',
    );
  };
};
