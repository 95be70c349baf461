import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

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
  readonly conflicts = new Counter({
    name: 'shomei_append_conflicts_total',
    help: 'Appends that lost a race and were decided anew',
    registers: [this.registry],
  });
  readonly lagSeconds = new Gauge({
    name: 'shomei_subscription_lag_seconds',
    help: 'Age of the event applied last, at the moment it was applied',
    labelNames: ['sink'],
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

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }
}
