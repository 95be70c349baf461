import { setFlagsFromString } from 'node:v8';
import { ConfigurationFaults } from '../platform/config/config.js';
import { troubleOf } from './trouble.js';

const NODE_MIN = 24;
const DRAIN_MAX_MS = 15_000;

export type Program = Readonly<{
  /** What is told when it is ready. */
  welcome: string;
  /** Parts that the program cannot do without, by name; each rejects when it died by itself. */
  ends: Readonly<Record<string, Promise<void>>>;
  /** Ends what is running in order. */
  stop: () => Promise<void>;
}>;

export const say = (text: string): void => void process.stderr.write(`${text}\n`);

const fail = (text: string): never => {
  say(text);
  process.exit(1);
};

/** Faults that the code knows how to tell are told in one line; the others with where they come from. */
const told = (error: unknown): string => {
  if (error instanceof ConfigurationFaults) return error.message;
  const trouble = troubleOf(error);
  if (trouble !== null) return `Shomei could not start. ${trouble}`;
  const plain = error instanceof Error && error.constructor !== TypeError && error.constructor !== ReferenceError;
  return `Shomei could not start: ${plain ? error.message : error instanceof Error ? error.stack : String(error)}`;
};

/**
 * V8 notes which lines make objects that stay, and makes their next ones old from birth. The streams of some thirty
 * subscriptions stay; the same lines of Node make those of every request, which then dragged all that hung on it along
 * until the next full collection, and the small collections took a hundred milliseconds instead of one (0062).
 */
const letRequestsDieYoung = (): void => setFlagsFromString('--no-allocation-site-pretenuring');

/** Starts one of the service's programs, and ends it when it is asked to or when it cannot go on. */
export const runProgram = async (start: () => Promise<Program>): Promise<void> => {
  if (Number(process.versions.node.split('.')[0]) < NODE_MIN)
    fail(
      `Shomei needs Node ${NODE_MIN}; this is ${process.versions.node}. Start it with "npm start", which brings its own.`,
    );
  letRequestsDieYoung();
  // Asked to stop before it is ready, a program that owns nothing yet just goes.
  let stop = (): Promise<void> => Promise.resolve();
  let stopping = false;
  const end = async (code: number): Promise<void> => {
    if (stopping) return;
    stopping = true;
    // A request that never ends must not keep the process: what it wanted is repeatable.
    const late = () =>
      fail(`Not everything ended within ${DRAIN_MAX_MS / 1000} s; the rest is repeated after the next start.`);
    setTimeout(late, DRAIN_MAX_MS).unref();
    await stop().catch((error: unknown) => say(told(error)));
    process.exit(code);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void end(0));
  try {
    const program = await start();
    stop = program.stop;
    if (stopping) return;
    for (const [part, ended] of Object.entries(program.ends))
      ended.catch((error: unknown) => {
        say(`${part} died: ${troubleOf(error) ?? String(error)}`);
        void end(1);
      });
    say(program.welcome);
  } catch (error) {
    fail(told(error));
  }
};
