import {
  NamespaceNotFoundError,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import type { MessageDefinition } from '../../kernel/message.js';
import type { Recorded } from '../event-store/recorded.js';
import type { Checkpoints } from '../subscriptions/checkpoints.js';
import { OutsideUnavailable, type Sink } from '../subscriptions/subscription.js';
import { CORRELATION } from '../../kernel/correlation.js';
import type { TemporalConnection } from './connection.js';

export type Start = Readonly<{
  workflow: string;
  workflowId: string;
  args: readonly unknown[];
  /** What set this process in motion; everything that it does is recorded under it. */
  correlationId?: string;
}>;
type Signal = Readonly<{ workflowId: string; signal: string; args: readonly unknown[] }>;
type Wake = Readonly<{ type: string; wake: (event: Recorded) => Start | Signal | null }>;

/** Which committed events start a process or reach a running one. */
export type ProcessSignals = Readonly<{ process: string; wakes: readonly Wake[] }>;

type EventOf<Type extends string, Data> = Recorded & Readonly<{ type: Type; data: Readonly<Data> }>;

/** The workflow id is the business id, so a second start of the same process is none. */
export const startsOn = <Type extends string, Data>(
  definition: MessageDefinition<Type, Data>,
  start: (event: EventOf<Type, Data>) => Start | null,
): Wake => ({ type: definition.type, wake: start as unknown as Wake['wake'] });

/** The id of the event goes along, so a signal that arrives twice counts once. */
export const signalsOn = <Type extends string, Data>(
  definition: MessageDefinition<Type, Data>,
  signal: (event: EventOf<Type, Data>) => Signal | null,
): Wake => ({ type: definition.type, wake: signal as unknown as Wake['wake'] });

const GRPC_INVALID_ARGUMENT = 3;
const GRPC_NOT_FOUND = 5;
/** A server that takes a call and never answers must not hold up a subscription unnoticed. */
const ANSWER_MAX_MS = 10_000;

type Refused = Readonly<{
  code?: unknown;
  message?: string;
  cause?: Refused;
  metadata?: { get: (key: string) => readonly (string | Buffer)[] };
}>;

const codeOf = (error: unknown): unknown => (error as Refused).code ?? (error as Refused).cause?.code;

/** Whether Temporal, or whatever stands before it, said this; what our own code threw says nothing of a server. */
const isTemporals = (error: unknown): boolean =>
  typeof codeOf(error) === 'number' ||
  [ServiceError, NamespaceNotFoundError, WorkflowNotFoundError].some((kind) => error instanceof kind);

/**
 * Away, locked, full, being upgraded, without our namespace: none of this is a fault of the event, and putting
 * it aside would lose a process for ever. Only a call that Temporal calls malformed will never be taken.
 */
const translated = (error: unknown): unknown =>
  isTemporals(error) && codeOf(error) !== GRPC_INVALID_ARGUMENT
    ? new OutsideUnavailable(`Temporal did not take it: ${(error as Error).message}`, { cause: error })
    : error;

/** "Not found" is also what a server says that does not know the namespace: then nobody was told anything. */
const isOver = (error: unknown): boolean => {
  const { message = '', metadata } = error as Refused;
  if (codeOf(error) !== GRPC_NOT_FOUND) return false;
  const details = (metadata?.get('grpc-status-details-bin') ?? []).map(String).join();
  return details === '' ? /workflow/i.test(message) : details.includes('.v1.NotFoundFailure');
};

/** A business process runs once for good; one that stands for the service begins anew if somebody ended it. */
export const begin = async (
  { client, taskQueue }: TemporalConnection,
  { workflow, workflowId, args, correlationId }: Start,
  workflowIdReusePolicy: 'REJECT_DUPLICATE' | 'ALLOW_DUPLICATE' = 'REJECT_DUPLICATE',
): Promise<void> => {
  const memo = correlationId === undefined ? {} : { [CORRELATION]: correlationId };
  const options = { taskQueue, workflowId, memo };
  try {
    await client.withDeadline(Date.now() + ANSWER_MAX_MS, () =>
      client.workflow.start(workflow, { ...options, args: [...args], workflowIdReusePolicy }),
    );
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
};

const tell = async ({ client }: TemporalConnection, { workflowId, signal, args }: Signal, eventId: string) => {
  const converter = client.options.loadedDataConverter.payloadConverter;
  try {
    // Not through the client's handle: it would make a new request id for each repetition.
    const request = {
      namespace: client.options.namespace,
      workflowExecution: { workflowId },
      signalName: signal,
      input: { payloads: args.map((arg) => converter.toPayload(arg)) },
      requestId: eventId,
      identity: 'committed-events',
    };
    await client.withDeadline(Date.now() + ANSWER_MAX_MS, () =>
      client.workflowService.signalWorkflowExecution(request),
    );
  } catch (error) {
    // The process is over, or was never for this one: the event needs nobody any more.
    if (!isOver(error)) throw error;
  }
};

/** Hands committed events to Temporal, in their order: first the effect, then the position. */
export const signalSink = (
  { process, wakes }: ProcessSignals,
  checkpoints: Checkpoints,
  temporal: TemporalConnection,
): Sink =>
  checkpoints.sink(`process-${process}`, [...new Set(wakes.map(({ type }) => type))], async (event) => {
    try {
      const { $correlationId: correlationId } = event.metadata;
      for (const { wake } of wakes.filter(({ type }) => type === event.type)) {
        const wanted = wake(event);
        if (wanted === null) continue;
        if ('workflow' in wanted) await begin(temporal, { ...wanted, correlationId });
        else await tell(temporal, wanted, event.id);
      }
    } catch (error) {
      throw translated(error);
    }
  });
