import type { Client } from '@temporalio/client';
import type { WorkerStatus } from '@temporalio/worker';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { Counted, type Patience } from './counted.js';

/** It asks the store once for each follower. */
const LAG_PATIENCE: Patience = { answerMs: 5_000, keptMs: 5_000 };

/** Everything the service counts; one registry for each running service, so that tests do not share it. */
export class Metrics {
  readonly registry = new Registry();

  readonly commandSeconds = new Histogram({
    name: 'shomei_command_seconds',
    help: 'Time from command to durable answer',
    labelNames: ['command', 'result'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers: [this.registry],
  });
  readonly refusals = new Counter({
    name: 'shomei_refusals_total',
    help: 'Refusals by code',
    labelNames: ['code'],
    registers: [this.registry],
  });
  readonly consequenceRefusals = new Counter({
    name: 'shomei_consequence_refusals_total',
    help: 'Refusals of what a reaction or an activity asked for; no person was told',
    labelNames: ['by', 'command', 'code'],
    registers: [this.registry],
  });
  readonly conflicts = new Counter({
    name: 'shomei_append_conflicts_total',
    help: 'Appends that lost a race and were decided anew',
    registers: [this.registry],
  });
  readonly applied = new Counter({
    name: 'shomei_subscription_events_total',
    help: 'Events applied by a subscription',
    labelNames: ['sink'],
    registers: [this.registry],
  });
  readonly parked = new Counter({
    name: 'shomei_subscription_parked_total',
    help: 'Events put aside because they could not be handled; each needs a person',
    labelNames: ['sink'],
    registers: [this.registry],
  });
  readonly subscriptionFailures = new Counter({
    name: 'shomei_subscription_failures_total',
    help: 'Times a subscription had to begin again',
    labelNames: ['sink'],
    registers: [this.registry],
  });

  readonly statusTryLater = new Counter({
    name: 'shomei_status_try_later_total',
    help: 'Questions for the status of a certificate that were told to come later',
    labelNames: ['authority'],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** Whether this process writes the read models, or stands by. */
  watchLease(held: () => boolean): void {
    new Gauge({
      name: 'shomei_projector_at_work',
      help: '1 where this process keeps the read models and reacts to events, 0 where it stands by',
      registers: [this.registry],
      collect() {
        this.set(Number(held()));
      },
    });
  }

  /** How long each authority still lasts, by the service's clock. */
  watchAuthorities(authorities: readonly Readonly<{ id: string; notAfter: Date }>[], now: () => Date): void {
    new Gauge({
      name: 'shomei_authority_ends_seconds',
      help: 'Seconds until the certificate of an authority ends; nothing it issues may last longer',
      labelNames: ['authority'],
      registers: [this.registry],
      collect() {
        for (const { id, notAfter } of authorities)
          this.set({ authority: id }, Math.floor((notAfter.getTime() - now().getTime()) / 1_000));
      },
    });
  }

  /** Measured when somebody asks, of those that stand still as well. */
  watchLag(measure: () => Promise<ReadonlyMap<string, number>>): void {
    const help = 'Age of the oldest event that a subscription has not handled; 0 where it has handled all';
    this.measured('shomei_subscription_lag_seconds', help, 'sink', null, measure, LAG_PATIENCE);
  }

  /** Mails by state, counted when somebody asks. */
  watchMails(count: () => Promise<ReadonlyMap<string, number>>): void {
    this.measured('shomei_mails', 'Mails by state', 'state', ['queued', 'sent', 'failed', 'unconfirmed'], count);
  }

  /** Those that wait for a person now; the counter beside it counts all that ever did. */
  watchParked(count: () => Promise<ReadonlyMap<string, number>>): void {
    this.measured('shomei_parked_events', 'Events put aside that still wait for a person', 'sink', null, count);
  }

  /** What the worker has in hand, and how many processes are open. */
  watchProcesses({ workflow }: Client, status: () => WorkerStatus): void {
    this.measured('shomei_worker_tasks', 'Tasks that the worker has in hand', 'kind', ['workflow', 'activity'], () => {
      const { numInFlightWorkflowActivations, numInFlightActivities } = status();
      const tasks = [
        ['workflow', numInFlightWorkflowActivations],
        ['activity', numInFlightActivities],
      ] as const;
      return Promise.resolve(new Map<string, number>(tasks));
    });
    this.measured('shomei_processes', 'Processes on Temporal by state', 'state', ['running', 'failed'], async () => {
      const [running, failed] = await Promise.all([
        workflow.count(`ExecutionStatus = 'Running'`),
        workflow.count(`ExecutionStatus = 'Failed'`),
      ]);
      return new Map([
        ['running', running.count],
        ['failed', failed.count],
      ]);
    });
  }

  /** A gauge with one label; what cannot be counted now is left out rather than told wrongly. */
  private measured<L extends string>(
    name: string,
    help: string,
    label: L,
    /** Told even where there is none of it; null: only what there is. */
    values: readonly string[] | null,
    count: () => Promise<ReadonlyMap<string, number>>,
    patience?: Patience,
  ): void {
    const latest = new Counted(count, patience);
    new Gauge({
      name,
      help,
      labelNames: [label],
      registers: [this.registry],
      async collect() {
        const counted = await latest.latest();
        this.reset();
        if (counted)
          for (const value of values ?? counted.keys()) this.set({ [label]: value } as never, counted.get(value) ?? 0);
      },
    });
  }
}
