import { describe, expect, it } from '@jest/globals';
import { Client, type ConnectionLike } from '@temporalio/client';
import { message } from '../../kernel/message.js';
import { text } from '../../kernel/schema.js';
import type { Recorded } from '../event-store/recorded.js';
import type { Checkpoints } from '../subscriptions/checkpoints.js';
import { OutsideUnavailable } from '../subscriptions/subscription.js';
import { signalSink, signalsOn, startsOn } from './signals.js';

const began = message('samples.Began', { id: text() });
const told = message('samples.Told', { id: text() });
const samples = {
  process: 'samples',
  wakes: [
    startsOn(began, ({ data: { id } }) => ({ workflow: 'sample', workflowId: id, args: [] })),
    signalsOn(told, ({ data: { id } }) => ({ workflowId: id, signal: 'told', args: [] })),
  ],
};

/** A length before what it measures; enough protobuf for a status with one detail that is empty. */
const field = (tag: number, bytes: Buffer): Buffer => Buffer.concat([Buffer.from([tag, bytes.length]), bytes]);
const statusOf = (detail: string): Buffer =>
  field(0x1a, field(0x0a, Buffer.from(`type.googleapis.com/temporal.api.errordetails.${detail}`)));

/** As the gRPC library reports what a server said. */
const said = (code: number, text: string, detail?: string): Error =>
  Object.assign(new Error(`${code}: ${text}`), {
    code,
    details: text,
    metadata: { get: () => (detail ? [statusOf(detail)] : []) },
  });

/** The client as it is, and a server that says the same to everything; the deadline of each call is kept. */
const sinkOn = (answer: Error | null) => {
  const deadlines: number[] = [];
  const call = () => (answer ? Promise.reject(answer) : Promise.resolve({ runId: 'run' }));
  const connection = {
    plugins: [],
    workflowService: { startWorkflowExecution: call, signalWorkflowExecution: call },
    withDeadline: <R>(deadline: number, run: () => Promise<R>) => (deadlines.push(deadline), run()),
  } as unknown as ConnectionLike;
  const unused = () => Promise.resolve();
  const temporal = { client: new Client({ connection }), taskQueue: 'queue', ping: unused, close: unused };
  let effect: (event: Recorded) => Promise<void> = unused;
  const checkpoints = { sink: (_: string, __: unknown, given: typeof effect) => (effect = given) };
  signalSink(samples, checkpoints as unknown as Checkpoints, temporal);
  const apply = (type: string) => effect({ id: 'e-1', type, data: { id: 'p-1' }, metadata: {} } as unknown as Recorded);
  return { apply, deadlines };
};
const failureOf = (answer: Error, type: string): Promise<unknown> =>
  sinkOn(answer)
    .apply(type)
    .then(
      () => 'taken',
      (error: unknown) => error,
    );

const AWAY = [1, 2, 4, 7, 8, 9, 10, 12, 13, 14, 16];

describe.each([began.type, told.type])('%s on its way to Temporal', (type) => {
  it.each(AWAY)('waits while the server answers %i: that is no fault of the event', async (code) =>
    expect(await failureOf(said(code, 'not now'), type)).toBeInstanceOf(OutsideUnavailable),
  );

  it('waits while the server does not know the namespace', async () => {
    const unknown = said(5, 'Namespace shomei is not found.', 'v1.NamespaceNotFoundFailure');
    expect(await failureOf(unknown, type)).toBeInstanceOf(OutsideUnavailable);
    expect(await failureOf(said(5, 'Namespace shomei is not found.'), type)).toBeInstanceOf(OutsideUnavailable);
  });

  it('is put aside where the call is malformed', async () => {
    const malformed = await failureOf(said(3, 'workflow id too long'), type);
    expect(malformed).toBeInstanceOf(Error);
    expect(malformed).not.toBeInstanceOf(OutsideUnavailable);
  });

  it('waits ten seconds for an answer and no longer', async () => {
    const { apply, deadlines } = sinkOn(null);
    const before = Date.now();
    await apply(type);
    expect(deadlines).toHaveLength(1);
    expect(deadlines[0]! - before).toBeGreaterThanOrEqual(10_000);
    expect(deadlines[0]! - before).toBeLessThan(15_000);
  });
});

describe('an event for a process that is over', () => {
  it.each([
    ['workflow not found for ID: p-1', 'v1.NotFoundFailure'],
    ['workflow execution already completed', undefined],
  ])('needs nobody any more: %s', async (text, detail) =>
    expect(await failureOf(said(5, text, detail), told.type)).toBe('taken'),
  );

  it('starts it no second time', async () =>
    expect(await failureOf(said(6, 'already started'), began.type)).toBe('taken'));
});
