import { api, type temporal } from './messages.js';
import { bytesField, type Frame } from './frames.js';

type Message<M> = M & { history?: never };

/** A reply whose `history` is sent as stored frames, never decoded on the way. */
export interface WithHistory<M> {
  readonly message: Message<M>;
  readonly frames: readonly Frame[];
}

export type WorkflowTaskReply = WithHistory<
  Omit<temporal.api.workflowservice.v1.IPollWorkflowTaskQueueResponse, 'history'>
>;

export interface TaskCompletedReply {
  readonly message: temporal.api.workflowservice.v1.IRespondWorkflowTaskCompletedResponse;
  /** The next task, handed over in the answer to the last one. */
  readonly nextTask: WorkflowTaskReply | undefined;
}

export type HistoryReply = WithHistory<
  Omit<temporal.api.workflowservice.v1.IGetWorkflowExecutionHistoryResponse, 'history'>
>;

const { PollWorkflowTaskQueueResponse, RespondWorkflowTaskCompletedResponse, GetWorkflowExecutionHistoryResponse } =
  api.workflowservice.v1;

/** Numbers of the fields that are appended to an encoded reply. */
const POLL_HISTORY = 8;
const GET_HISTORY = 1;
const COMPLETED_NEXT_TASK = 1;

/** A poll that ends without a task is answered with nothing at all: an empty history would already be something. */
export const encodeWorkflowTask = (reply: WorkflowTaskReply | undefined): Buffer =>
  reply
    ? Buffer.concat([
        PollWorkflowTaskQueueResponse.encode(reply.message).finish(),
        bytesField(POLL_HISTORY, reply.frames),
      ])
    : Buffer.alloc(0);

export const encodeTaskCompleted = ({ message, nextTask }: TaskCompletedReply): Buffer =>
  Buffer.concat([
    RespondWorkflowTaskCompletedResponse.encode(message).finish(),
    ...(nextTask ? [bytesField(COMPLETED_NEXT_TASK, [encodeWorkflowTask(nextTask)])] : []),
  ]);

export const encodeHistory = (reply: HistoryReply): Buffer =>
  Buffer.concat([
    GetWorkflowExecutionHistoryResponse.encode(reply.message).finish(),
    bytesField(GET_HISTORY, reply.frames),
  ]);
