import { expect, it } from '@jest/globals';
import { type Log } from '../telemetry/log.js';
import { Metrics } from '../telemetry/metrics.js';
import { ProblemFilter, type RefusedOperations } from './problem-filter.js';

const answered = async (raw: Readonly<{ destroyed: boolean; complete: boolean }>) => {
  const faults: unknown[] = [];
  const log = { error: (fault: unknown) => faults.push(fault) } as unknown as Log;
  const problems = new ProblemFilter(log, new Metrics(), {} as RefusedOperations);
  let status = 0;
  const reply = {
    status: (given: number) => ((status = given), reply),
    type: () => reply,
    header: () => reply,
    send: () => Promise.resolve(),
  };
  const request = { id: 'request-1', headers: {}, raw };
  await problems.answer(new Error('aborted'), request as never, reply as never);
  return { status, faults: faults.length };
};

it('calls for nobody where the client went away amid its own request', async () => {
  expect(await answered({ destroyed: true, complete: false })).toEqual({ status: 400, faults: 0 });
});

it.each([
  { destroyed: false, complete: false },
  { destroyed: false, complete: true },
  { destroyed: true, complete: true },
])('calls for somebody where the fault is ours: %j', async (raw) => {
  expect(await answered(raw)).toEqual({ status: 500, faults: 1 });
});
