/** The only source of "now"; tests and demos bring their own. */
export type Clock = Readonly<{ now: () => Date }>;

export const CLOCK = Symbol('clock');

export const systemClock: Clock = { now: () => new Date() };
