import type { RunningNode } from './worker-thread.js';

/** Ends a command with one clear line instead of a stack. */
export const failCommand = (error: unknown): never => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
};

/**
 * The command line's side of a node: one JSON line on stdout when it is ready, a clean stop on SIGTERM or SIGINT,
 * one line on stderr and exit 1 when it cannot start or dies.
 */
export const runNode = async <Ready extends object>(start: () => Promise<RunningNode<Ready>>): Promise<void> => {
  try {
    const node = await start();
    const stop = (): void => void node.stop();
    // Ctrl-C reaches the node from the terminal and again from whoever launched it: the second must not kill it.
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    process.stdout.write(`${JSON.stringify({ ready: true, ...node.ready })}\n`);
    await node.ended;
  } catch (error) {
    failCommand(error);
  }
};
