import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { connectTemporal } from '../../src/platform/temporal/connection.js';
import type { RunningService } from './service.js';

const folder = join(process.cwd(), 'test/golden/histories');
const fileOf = (name: string) => join(folder, `${name}.json`);

/** What Temporal holds of a process: all of it, as text. */
export const historyOf = async (
  { temporal }: Pick<RunningService, 'temporal'>,
  workflowId: string,
): Promise<string> => {
  const connection = await connectTemporal(temporal.target);
  try {
    const history = await connection.client.workflow.getHandle(workflowId).fetchHistory();
    // Which worker it was, by process and machine, is nobody's business and of no use to a replay.
    return JSON.stringify(JSON.parse(historyToJSON(history))).replace(/\d+@[\w.-]+/g, 'worker');
  } finally {
    await connection.close();
  }
};

/**
 * With RECORD_HISTORIES set, keeps how a process went, to be replayed for ever. What is kept already stays as
 * it is: processes that began under the older code go on under the newer.
 */
export const kept = async (running: RunningService, name: string, workflowId: string): Promise<void> => {
  if (!process.env['RECORD_HISTORIES'] || existsSync(fileOf(name))) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileOf(name), `${await historyOf(running, workflowId)}\n`);
};

export const goldenHistory = (name: string): unknown => JSON.parse(readFileSync(fileOf(name), 'utf8'));
