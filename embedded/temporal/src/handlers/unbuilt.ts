import { isPrioritySet } from '../engine/check-commands.js';
import { unimplemented } from '../protocol/errors.js';
import type { temporal } from '../protocol/messages.js';

type Start =
  | temporal.api.workflowservice.v1.StartWorkflowExecutionRequest
  | temporal.api.workflowservice.v1.SignalWithStartWorkflowExecutionRequest;

const isSet = (value: unknown): boolean => (Array.isArray(value) ? value.length > 0 : !!value);

/** What a start may ask for and this node does not do. */
const FIELDS = [
  'cronSchedule',
  'versioningOverride',
  'completionCallbacks',
  'links',
  'onConflictOptions',
  'continuedFailure',
  'lastCompletionResult',
  'timeSkippingConfig',
] as const;

/** It is refused by name rather than quietly left out. */
export function refuseUnbuilt(request: Start): void {
  const given = request as Partial<Record<(typeof FIELDS)[number], unknown>>;
  const wanted: string | undefined =
    FIELDS.find((field) => isSet(given[field])) ?? (isPrioritySet(request.priority) ? 'priority' : undefined);
  if (wanted) throw unimplemented(`StartWorkflowExecution with ${wanted[0]?.toUpperCase()}${wanted.slice(1)}`);
}
