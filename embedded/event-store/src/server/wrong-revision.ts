import type { WireAppendOptions } from '../protocol/requests.js';

/** The two messages for the same answer name their numbers differently. */
export interface RevisionNames {
  readonly current: string;
  readonly expected: string;
}

/** Says what was expected, in the caller's own words, and what is there. */
export const wrongRevision = (options: WireAppendOptions, actual: number, names: RevisionNames): object => {
  const current = actual < 0 ? { currentNoStream: {} } : { [names.current]: actual };
  switch (options.expected ?? 'any') {
    case 'any':
      return { ...current, expectedAny: {} };
    case 'noStream':
      return { ...current, expectedNoStream: {} };
    case 'streamExists':
      return { ...current, expectedStreamExists: {} };
    case 'revision':
      return { ...current, [names.expected]: options.revision };
    case 'streamPosition':
      return { ...current, [names.expected]: options.streamPosition };
  }
};
