import { status } from '@grpc/grpc-js';
import { api } from './messages.js';

/** What travels in `grpc-status-details-bin`: the SDK reads the kind of a refusal from there. */
export interface ErrorDetail {
  readonly typeName: string;
  readonly bytes: Uint8Array;
}

export class RpcError extends Error {
  readonly code: status;
  readonly detail: ErrorDetail | undefined;

  constructor(code: status, message: string, detail?: ErrorDetail) {
    super(message);
    this.code = code;
    this.detail = detail;
  }
}

const details = api.errordetails.v1;
const detail = (name: string, bytes: Uint8Array): ErrorDetail => ({
  typeName: `temporal.api.errordetails.v1.${name}`,
  bytes,
});

export const invalidArgument = (message: string) => new RpcError(status.INVALID_ARGUMENT, message);

export const notFound = (message: string) =>
  new RpcError(status.NOT_FOUND, message, detail('NotFoundFailure', details.NotFoundFailure.encode({}).finish()));

export const namespaceNotFound = (namespace: string) =>
  new RpcError(
    status.NOT_FOUND,
    `Namespace ${namespace} is not found.`,
    detail('NamespaceNotFoundFailure', details.NamespaceNotFoundFailure.encode({ namespace }).finish()),
  );

export const alreadyStarted = (message: string, startRequestId: string, runId: string) =>
  new RpcError(
    status.ALREADY_EXISTS,
    message,
    detail(
      'WorkflowExecutionAlreadyStartedFailure',
      details.WorkflowExecutionAlreadyStartedFailure.encode({ startRequestId, runId }).finish(),
    ),
  );

export const queryFailed = (
  message: string,
  failure: Parameters<typeof details.QueryFailedFailure.encode>[0]['failure'],
) =>
  new RpcError(
    status.INVALID_ARGUMENT,
    message,
    detail('QueryFailedFailure', details.QueryFailedFailure.encode({ failure: failure ?? null }).finish()),
  );

export const resourceExhausted = (message: string) => new RpcError(status.RESOURCE_EXHAUSTED, message);

export const unimplemented = (what: string) =>
  new RpcError(status.UNIMPLEMENTED, `${what} is not implemented by the embedded node`);

export const deadlineExceeded = (message: string) => new RpcError(status.DEADLINE_EXCEEDED, message);

export const failedPrecondition = (message: string) => new RpcError(status.FAILED_PRECONDITION, message);
