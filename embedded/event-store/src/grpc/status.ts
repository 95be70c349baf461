/** The outcomes of a call that this node knows, by the numbers gRPC has given them. */
export const status = {
  OK: 0,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

export type Status = (typeof status)[keyof typeof status];

/** How a call ends when it does not end well; `metadata` goes into its trailers. */
export interface Failure {
  readonly code: Status;
  readonly details: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export const failure = (code: Status, details: string): Failure => ({ code, details, metadata: {} });
