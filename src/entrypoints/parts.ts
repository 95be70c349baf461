import type { Clock } from '../kernel/clock.js';
import type { PfxMakerOptions } from '../pki/pkcs12/pfx-maker.js';
import type { Config } from '../platform/config/config.js';
import type { Letters } from '../platform/mail/letters.js';
import type { MailTemplate } from '../platform/mail/template.js';
import type { Pki } from '../platform/pki/pki.js';
import type { Settling } from '../platform/subscriptions/settling.js';
import type { Log } from '../platform/telemetry/log.js';
import type { Metrics } from '../platform/telemetry/metrics.js';
import type { TemporalTarget } from '../platform/temporal/connection.js';
import type { WorkflowBundle } from '../platform/temporal/worker.js';
import type { MovingTime } from '../platform/time/moving-time.js';
import { type MovableNodeClock } from '../platform/time/moving-time.js';
import type { Check } from './readiness.js';
import type { Role } from './roles.js';
import type { Stores } from './stores.js';

export type Surroundings = Readonly<{
  config: Config;
  eventStoreUrl: string;
  temporal: TemporalTarget;
  workflows: WorkflowBundle;
  clock: Clock;
  /** Given where time can be moved, for tests and demonstrations. */
  movable: MovableNodeClock | null;
  log: Log;
  /** All of them unless other processes do the rest. */
  roles?: readonly Role[];
  /** Where the read models have a thread of their own: its module. Not where time is moved, for who moves it waits for all. */
  projectorThread?: URL;
  /** Where the worker for `.pfx` files lies when the service runs from its sources. */
  pfxMaker?: PfxMakerOptions;
  /** Beside those of the product. */
  moreMails?: readonly MailTemplate[];
}>;

/** What a running service consists of, before anybody uses it. */
export type Parts = Readonly<{
  config: Config;
  stores: Stores;
  pki: Pki;
  /** Beside the stores; parts add theirs when they start. */
  readiness: Record<string, Check>;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  letters: Letters;
  time: MovingTime | null;
  roles: readonly Role[];
  settling: Settling | null;
}>;
