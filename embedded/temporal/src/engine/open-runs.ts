import { workflowKey, type Run } from './run.js';

/** The open runs in memory, by run id, by workflow id, and by the connection whose worker holds their task. */
export class OpenRuns {
  readonly #byRunId = new Map<string, Run>();
  readonly #byWorkflow = new Map<string, Run>();
  readonly #heldBy = new Map<string, Set<Run>>();

  get size(): number {
    return this.#byRunId.size;
  }

  all(): Iterable<Run> {
    return this.#byRunId.values();
  }

  add(run: Run): void {
    this.#byRunId.set(run.birth.runId, run);
    this.#byWorkflow.set(workflowKey(run.birth.namespace, run.birth.workflowId), run);
  }

  remove(run: Run): void {
    this.#byRunId.delete(run.birth.runId);
    const key = workflowKey(run.birth.namespace, run.birth.workflowId);
    if (this.#byWorkflow.get(key) === run) this.#byWorkflow.delete(key);
  }

  byRunId(runId: string): Run | undefined {
    return this.#byRunId.get(runId);
  }

  current(namespace: string, workflowId: string): Run | undefined {
    return this.#byWorkflow.get(workflowKey(namespace, workflowId));
  }

  hold(connection: string, run: Run): void {
    let held = this.#heldBy.get(connection);
    if (!held) this.#heldBy.set(connection, (held = new Set()));
    held.add(run);
  }

  release(connection: string, run: Run): void {
    const held = this.#heldBy.get(connection);
    if (held?.delete(run) && held.size === 0) this.#heldBy.delete(connection);
  }

  heldBy(connection: string): Run[] {
    return [...(this.#heldBy.get(connection) ?? [])];
  }
}
