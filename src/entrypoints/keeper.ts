import type { Projector } from '../platform/projections/projector.js';

/** Keeps the read models, wherever it runs. */
export type Keeper = Readonly<{
  /** Also after a stop: the work of one process may come back to it. */
  start: () => Promise<void>;
  stop: () => Promise<void>;
  isCaughtUp: () => Promise<boolean>;
  rebuild: (name: string) => Promise<void>;
  /** Rejects when it died by itself. */
  ended: Promise<void>;
  /** Nothing of it is left afterwards. */
  close: () => Promise<void>;
}>;

/** In the thread of whoever asks. */
export const keeperHere = (projector: Projector): Keeper => ({
  start: () => projector.start(),
  stop: () => projector.stop(),
  isCaughtUp: () => Promise.resolve(projector.caughtUp),
  rebuild: (name) => projector.rebuild(name),
  ended: new Promise<void>(() => undefined),
  close: () => projector.stop(),
});
