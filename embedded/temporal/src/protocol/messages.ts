import proto from '@temporalio/proto';
import type { temporal } from '@temporalio/proto';

/** The one door to the message definitions, which come generated in an npm package. */
export type { temporal } from '@temporalio/proto';
export const api = proto.temporal.api;
export const enums = proto.temporal.api.enums.v1;

export const EventType = enums.EventType;
export const CommandType = enums.CommandType;
export const TimeoutType = enums.TimeoutType;
export const RetryState = enums.RetryState;
export const WorkflowStatus = enums.WorkflowExecutionStatus;
export const TaskFailedCause = enums.WorkflowTaskFailedCause;
export const TaskQueueKind = enums.TaskQueueKind;

export type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
export type Command = temporal.api.command.v1.ICommand;
export type Failure = temporal.api.failure.v1.IFailure;
export type Payload = temporal.api.common.v1.IPayload;
export type Payloads = temporal.api.common.v1.IPayloads;
export type Fields = Record<string, Payload>;
export type WorkflowStatus = temporal.api.enums.v1.WorkflowExecutionStatus;
export type RetryState = temporal.api.enums.v1.RetryState;
export type TimeoutType = temporal.api.enums.v1.TimeoutType;
export type TaskFailedCause = temporal.api.enums.v1.WorkflowTaskFailedCause;

type Int64 = NonNullable<HistoryEvent['eventId']>;

/** The encoder takes plain numbers for 64-bit fields; only the generated type asks for a wrapper object. */
export const int64 = (value: number): Int64 => value as unknown as Int64;

export const fromInt64 = (value: Int64 | number | null | undefined): number =>
  value === null || value === undefined ? 0 : typeof value === 'number' ? value : value.toNumber();

/** Decoded bytes point into the request they came in; a copy does not keep that request alive. */
export const ownCopy = (bytes: Uint8Array): Buffer => Buffer.from(bytes);

/** Memo and search attributes are both maps of payloads; one encoding serves both. */
export const encodeFields = (fields: Fields): Uint8Array => api.common.v1.Memo.encode({ fields }).finish();
export const decodeFields = (bytes: Uint8Array): Fields => ({ ...api.common.v1.Memo.decode(bytes).fields });

/** The same for a map of payloads, names, metadata and all. */
export const ownFields = (fields: Fields | null | undefined): Fields =>
  fields ? decodeFields(ownCopy(encodeFields(fields))) : {};

export interface Codec<M> {
  encode(message: M): { finish(): Uint8Array };
  decode(bytes: Uint8Array): M;
}

export const toBase64 = <M>(codec: Codec<M>, message: M): string =>
  Buffer.from(codec.encode(message).finish()).toString('base64');

export const fromBase64 = <M>(codec: Codec<M>, text: string): M => codec.decode(Buffer.from(text, 'base64'));

export const encodedBytes = <M>(codec: Codec<M>, message: M | null | undefined): number =>
  message ? codec.encode(message).finish().length : 0;

type ServiceMessages = typeof temporal.api.workflowservice.v1;

/** A message of the workflow service as the decoder makes it, by name. */
export type Message<K extends keyof ServiceMessages> = ServiceMessages[K] extends {
  decode(...input: never[]): infer M;
}
  ? M
  : never;
