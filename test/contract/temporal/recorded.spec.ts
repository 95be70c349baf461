import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { quiet, workflowBundle } from '../../kit/temporal/target.js';

/**
 * Histories as the embedded node wrote them with version 1.24 of the SDK. They are never recorded anew: code that does
 * not replay them would not have replayed them in production either.
 */
const folder = fileURLToPath(new URL('./recorded/', import.meta.url));
const names = readdirSync(folder).map((file) => file.replace('.json', ''));
const read = (name: string) => historyFromJSON(JSON.parse(readFileSync(`${folder}${name}.json`, 'utf8')));

beforeAll(quiet);

describe('histories that were recorded', () => {
  test('are there', () => {
    expect(names).toEqual(['cancellable', 'flaky', 'hello', 'markers', 'steps', 'timerAndSignal', 'timerRaces']);
  });

  test.each(names)('of %s hold the flags their worker used, and replay', async (name) => {
    const history = read(name);
    const completed = history.events?.find((event) => event.workflowTaskCompletedEventAttributes);
    const { sdkMetadata } = completed?.workflowTaskCompletedEventAttributes ?? {};
    expect(sdkMetadata?.coreUsedFlags?.length).toBeGreaterThan(0);
    await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history, name);
  });

  test.each([
    ['hello', 'quick.greet(name)', 'quick.welcome(name)'],
    ['flaky', 'quick.failTimes(times)', 'quick.stumble(times)'],
    ['steps', "quick.greet('2')", "quick.welcome('2')"],
    ['markers', 'local.greet(', 'local.welcome('],
  ])('of %s do not replay when %s became %s', async (name, before, after) => {
    const { code } = await workflowBundle();
    const changed = { code: code.replaceAll(before, after) };
    expect(changed.code).not.toBe(code);
    const replay = Worker.runReplayHistory({ workflowBundle: changed }, read(name), name);
    await expect(replay).rejects.toThrow(DeterminismViolationError);
  });
});
