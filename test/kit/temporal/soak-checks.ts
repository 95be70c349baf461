import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { persist } from './soak-client.js';

type Time = { seconds?: unknown; nanos?: number | null } | null | undefined;

export const timeMs = (time: Time): number => Number(time?.seconds ?? 0) * 1000 + (time?.nanos ?? 0) / 1e6;

/** What must hold of every history, however it came about. */
export async function checkHistory(handle: WorkflowHandle): Promise<void> {
  const events = (await persist(() => handle.fetchHistory())).events ?? [];
  expect(events.map((event) => Number(event.eventId))).toEqual(events.map((_, index) => index + 1));
  const fired = new Set<string>();
  for (const event of events) {
    const { timerId, startedEventId } = event.timerFiredEventAttributes ?? {};
    if (!timerId) continue;
    expect(fired.has(timerId)).toBe(false);
    fired.add(timerId);
    const started = events[Number(startedEventId) - 1];
    if (!started) throw new Error(`timer ${timerId} fired without having been started`);
    const delayMs = timeMs(started.timerStartedEventAttributes?.startToFireTimeout);
    expect(Math.round(timeMs(event.eventTime) - timeMs(started.eventTime) - delayMs)).toBeGreaterThanOrEqual(0);
  }
  const [first, second] = events;
  const delayMs = timeMs(first?.workflowExecutionStartedEventAttributes?.firstWorkflowTaskBackoff);
  const firstTask = second?.workflowTaskScheduledEventAttributes ? timeMs(second.eventTime) : Infinity;
  expect(Math.round(firstTask - timeMs(first?.eventTime))).toBeGreaterThanOrEqual(Math.round(delayMs));
}

/** What a run that went wrong has been through; its history is left in a file, to be replayed. */
export async function storyOf(handle: WorkflowHandle): Promise<string> {
  const history = await persist(() => handle.fetchHistory());
  const file = join(tmpdir(), `${handle.workflowId}.history.json`);
  writeFileSync(file, historyToJSON(history));
  const events = history.events ?? [];
  const { raw, status } = await persist(() => handle.describe());
  const told = events.map((event) => {
    const [name = '', details] = Object.entries(event).find(([key]) => key.endsWith('Attributes')) ?? [];
    const { failure } = (details ?? {}) as { failure?: { message?: string } };
    const at = new Date(timeMs(event.eventTime)).toISOString().slice(14, 23);
    return `${at} ${name.replace('EventAttributes', '')}${failure ? ` (${failure.message})` : ''}`;
  });
  const pending = JSON.stringify([raw.pendingWorkflowTask, raw.pendingActivities]);
  return `${status.name} at ${new Date().toISOString()}, ${file}\n  ${told.join('\n  ')}\n  pending ${pending}`;
}
