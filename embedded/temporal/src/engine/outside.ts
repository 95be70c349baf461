import { type RpcError, invalidArgument } from '../protocol/errors.js';
import { EventType, type Payloads, type temporal } from '../protocol/messages.js';
import { closeIfHistoryFull } from './close-run.js';
import type { Engine } from './engine.js';
import { deliver } from './inbound.js';
import type { Run } from './run.js';
import { scheduleWorkflowTask } from './workflow-task.js';

export interface Signal {
  readonly name: string;
  readonly input: Payloads | null | undefined;
  readonly header: temporal.api.common.v1.IHeader | null | undefined;
  readonly identity: string;
  /** A client that repeats a call after a broken connection repeats this id. */
  readonly requestId: string;
}

/** A signal to a run that waits for its delay is written at once and seen when the delay is over. */
export function signalRun(engine: Engine, run: Run, signal: Signal): void {
  if (signal.requestId && engine.store.hasRequest(run, signal.requestId)) return;
  if (run.signals >= engine.limits.signalsPerRun) throw tooManySignals();
  run.signals++;
  if (signal.requestId) run.unsaved.requestIds.push(signal.requestId);
  deliver(engine, run, {
    event: {
      eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
      workflowExecutionSignaledEventAttributes: {
        signalName: signal.name,
        input: signal.input ?? null,
        header: signal.header ?? null,
        identity: signal.identity,
      },
    },
  });
  closeIfHistoryFull(engine, run);
}

const tooManySignals = (): RpcError => invalidArgument('exceeded workflow execution limit for signal events');

export function requestCancel(engine: Engine, run: Run, reason: string, identity: string): void {
  if (run.cancelRequested) return;
  run.cancelRequested = true;
  deliver(engine, run, {
    event: {
      eventType: EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED,
      workflowExecutionCancelRequestedEventAttributes: { cause: reason, identity },
    },
  });
  scheduleWorkflowTask(engine, run);
}
