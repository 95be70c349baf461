import { TestEnvironment } from 'jest-environment-node';

/**
 * A worker of Jest that has nothing left to do ends by itself, and Jest waits half a second for that before it calls it a leak.
 * By then Node takes a heap of some 700 MB apart, suite by suite, which is longer on a busy machine. The exit is only hastened,
 * not forced: a timer or socket that somebody left open still keeps the worker from getting here.
 */
if (process.send) process.once('exit', (code) => process.reallyExit(code));

export default TestEnvironment;
