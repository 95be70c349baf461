import type { Engine } from '../engine/engine.js';
import type { Visibility } from '../store/visibility.js';
import { namespaceNotFound } from '../protocol/errors.js';

/** What the handlers work with. */
export interface Node {
  readonly engine: Engine;
  readonly visibility: Visibility;
  readonly namespaces: ReadonlySet<string>;
  readonly retentionMs: number;
  /** The node is closing its connections by itself: that no longer tells anything about workers. */
  isStopping(): boolean;
}

export function checkNamespace(node: Node, namespace: string): string {
  if (!node.namespaces.has(namespace)) throw namespaceNotFound(namespace);
  return namespace;
}

/** An answer must leave before the caller stops waiting for it. */
const ANSWER_MARGIN_MS = 1000;

export const patienceMs = (callerMs: number, mostMs: number): number =>
  Math.max(50, Math.min(mostMs, callerMs - Math.min(ANSWER_MARGIN_MS, callerMs * 0.1)));
