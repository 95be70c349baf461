/**
 * What can fall due. Plain data that names its run by id: a deadline outlives nothing it points to, and every one of
 * them can be set again from what is stored.
 */
export type Due =
  | { readonly kind: 'timer'; readonly runId: string; readonly timerId: string }
  | { readonly kind: 'activity-retry'; readonly runId: string; readonly scheduledId: number }
  | {
      readonly kind: 'activity-timeout';
      readonly runId: string;
      readonly scheduledId: number;
      readonly timeout: 'scheduleToStart' | 'scheduleToClose' | 'startToClose' | 'heartbeat';
    }
  | { readonly kind: 'workflow-task-timeout'; readonly runId: string; readonly sequence: number }
  | { readonly kind: 'workflow-task-retry'; readonly runId: string; readonly sequence: number }
  | { readonly kind: 'run-delay-over'; readonly runId: string }
  | { readonly kind: 'run-timeout'; readonly runId: string };
