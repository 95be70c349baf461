import { invalidArgument, notFound } from './errors.js';

/**
 * Task tokens name the run, the task and its attempt, so they stay good across a restart of the node.
 * They are opaque to clients but not trusted: every field is checked when one comes back.
 */
export type TaskToken =
  | { readonly kind: 'workflow'; readonly runId: string; readonly sequence: number }
  | { readonly kind: 'activity'; readonly runId: string; readonly scheduledId: number; readonly attempt: number }
  | { readonly kind: 'query'; readonly queryId: string };

export const writeToken = (token: TaskToken): Buffer => Buffer.from(JSON.stringify(token));

const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= 64;
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function parse(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

export function readToken<K extends TaskToken['kind']>(bytes: Uint8Array, kind: K): Extract<TaskToken, { kind: K }> {
  const token = bytes.length <= 512 ? parse(bytes) : undefined;
  const sound =
    token?.['kind'] === kind &&
    (kind === 'query' ? isText(token['queryId']) : isText(token['runId'])) &&
    (kind !== 'workflow' || isCount(token['sequence'])) &&
    (kind !== 'activity' || (isCount(token['scheduledId']) && isCount(token['attempt'])));
  if (!sound) throw notFound('Invalid TaskToken.');
  return token as unknown as Extract<TaskToken, { kind: K }>;
}

/** Where a paged history goes on. `virtual` holds the events of a transient task, sent after the last page. */
export interface HistoryPageToken {
  readonly runId: string;
  readonly nextEventId: number;
  readonly lastEventId?: number;
  readonly virtual?: readonly string[];
}

export const writePageToken = (token: object): Buffer => Buffer.from(JSON.stringify(token));

export function readHistoryPageToken(bytes: Uint8Array): HistoryPageToken {
  const token = parse(bytes);
  const virtual = token?.['virtual'];
  const sound =
    token !== undefined &&
    isText(token['runId']) &&
    isCount(token['nextEventId']) &&
    (token['lastEventId'] === undefined || isCount(token['lastEventId'])) &&
    (virtual === undefined || (Array.isArray(virtual) && virtual.every((frame) => typeof frame === 'string')));
  if (!sound) throw invalidArgument('Invalid NextPageToken.');
  return token as unknown as HistoryPageToken;
}

/** Where a list goes on: the last row seen, in the order of the list. */
export interface ListPageToken {
  readonly orderMs: number;
  readonly startMs: number;
  readonly row: number;
}

export function readListPageToken(bytes: Uint8Array): ListPageToken {
  const token = parse(bytes);
  const sound = token && isCount(token['orderMs']) && isCount(token['startMs']) && isCount(token['row']);
  if (!sound) throw invalidArgument('Invalid NextPageToken.');
  return token as unknown as ListPageToken;
}

export const staleTask = (what: 'Workflow' | 'Activity') =>
  what === 'Workflow'
    ? notFound('Workflow task not found.')
    : notFound('invalid activityID or activity already timed out or invoking workflow is completed');
