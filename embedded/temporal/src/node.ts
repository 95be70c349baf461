import { ownFolder, privateIdentity, type RunningNode } from '@shomei/embedded-kit';
import { Clock } from './clock/clock.js';
import { InFlight } from './clock/in-flight.js';
import { TimeControl } from './clock/time-control.js';
import { fireDue } from './engine/deadlines.js';
import type { Due } from './engine/due.js';
import type { Engine } from './engine/engine.js';
import { connectionLost } from './engine/lost-workers.js';
import { OpenRuns } from './engine/open-runs.js';
import { recover } from './engine/recovery.js';
import { SearchAttributeTypes, type SearchAttributeType } from './engine/search-attributes.js';
import { SEARCH_ATTRIBUTES_SETTING, clusterHandlers, healthHandlers, operatorHandlers } from './handlers/cluster.js';
import type { Node } from './handlers/context.js';
import { historyHandlers } from './handlers/histories.js';
import { listingHandlers } from './handlers/listing.js';
import { Polls } from './handlers/polls.js';
import { taskHandlers } from './handlers/tasks.js';
import { testServiceHandlers } from './handlers/test-service.js';
import { workflowHandlers } from './handlers/workflows.js';
import { defaultLimits, type Limits } from './limits.js';
import { Matching } from './matching/matching.js';
import { GrpcServer, type Handlers } from './protocol/server.js';
import { Retention } from './store/retention.js';
import { Store } from './store/store.js';
import { Visibility } from './store/visibility.js';

export interface NodeOptions {
  /** Everything the node keeps is in this folder, which it owns alone. */
  readonly dataDir: string;
  /** Zero, the default: any free port. */
  readonly port?: number;
  /** No TLS and no secret: for tools and tests. */
  readonly insecure?: boolean;
  /** Lets tests and demos move the clock, here and by the public TestService calls. */
  readonly movableClock?: boolean;
  /** Eight bytes in which the host reads how far the node's time is ahead of the machine's. */
  readonly sharedOffset?: SharedArrayBuffer;
  readonly namespaces?: readonly string[];
  readonly retentionMs?: number;
  readonly searchAttributes?: Readonly<Record<string, SearchAttributeType>>;
  readonly limits?: Partial<Limits>;
}

/** What a client needs to know. The secret itself is in a file that only its owner can read. */
export interface Ready {
  readonly address: string;
  readonly port: number;
  readonly namespace: string;
  readonly recoveredRuns: number;
  readonly tls?: { readonly authorityFile: string; readonly secretFile: string };
}

export interface TemporalNode extends RunningNode<Ready> {
  readonly time: TimeControl<Due> | undefined;
  readonly engine: Engine;
}

const PROGRAM = 'embedded Temporal node';
const DAY_MS = 86_400_000;
const DEFAULT_RETENTION_MS = 7 * DAY_MS;
const CLOCK_SETTING = 'clock-offset-ms';

const service = (name: string): string => `temporal.api.${name}`;

/** Puts the parts together in this thread; `index.ts` runs it in a thread of its own. */
export async function startNode(options: NodeOptions): Promise<TemporalNode> {
  const folder = ownFolder(options.dataDir, PROGRAM);
  const life = new Life();
  life.onEnd(() => folder.release());
  try {
    const identity = options.insecure ? undefined : privateIdentity(folder.path, 'shomei-temporal');
    const types = new SearchAttributeTypes(options.searchAttributes);
    const store = new Store(folder.path, types, life.die);
    life.onEnd(() => store.close());
    life.onDefect(() => store.abandon());
    const { engine, time } = makeEngine(store, types, options);
    const node: Node = {
      engine,
      visibility: new Visibility(engine.store, engine.searchAttributeTypes),
      namespaces: new Set(['default', ...(options.namespaces ?? [])]),
      retentionMs: options.retentionMs ?? DEFAULT_RETENTION_MS,
      isStopping: () => life.isOver,
    };
    const polls = new Polls(node);
    const recoveredRuns = recover(engine);
    const retention = new Retention(engine.store, node.retentionMs, () => engine.clock.nowMs(), life.guard);
    const server = new GrpcServer({
      port: options.port ?? 0,
      limits: engine.limits,
      credentials: identity,
      services: servicesOf(node, polls, time),
      committed: () => engine.store.committed(),
      onDefect: life.die,
      onConnectionLost: (connection) => life.guard(() => connectionLost(engine, polls, connection)),
      afterReply: () => time?.skipWhenQuiet(),
    });
    life.onEnd(() => server.stop());
    const port = await server.listen();
    life.onEnd(() => engine.clock.stop());
    engine.clock.start((due) => life.guard(() => fireDue(engine, due)));
    life.onEnd(() => retention.stop());
    retention.start();
    const address = `127.0.0.1:${port}`;
    const tls = identity ? { authorityFile: identity.authorityFile, secretFile: identity.secretFile } : undefined;
    const ready: Ready = { address, port, namespace: 'default', recoveredRuns, ...(tls ? { tls } : {}) };
    return { ready, engine, time, stop: () => life.stop(), ended: life.ended };
  } catch (error) {
    life.die(error);
    await life.ended.catch(() => undefined);
    throw error;
  }
}

function makeEngine(store: Store, searchAttributeTypes: SearchAttributeTypes, options: NodeOptions) {
  const limits = { ...defaultLimits, ...options.limits };
  const saved = JSON.parse(store.get(SEARCH_ATTRIBUTES_SETTING) ?? '{}') as Record<string, SearchAttributeType>;
  for (const [name, type] of Object.entries(saved)) searchAttributeTypes.register(name, type);
  // A clock that was moved stays moved: what is written must not lie in the future of a restarted node.
  const shared = options.sharedOffset && new Float64Array(options.sharedOffset);
  const clock = new Clock<Due>(Number(store.get(CLOCK_SETTING) ?? 0), (offsetMs) => {
    if (shared) shared[0] = offsetMs;
  });
  const inFlight = new InFlight();
  const engine: Engine = {
    clock,
    inFlight,
    limits,
    matching: new Matching(limits),
    open: new OpenRuns(),
    queries: new Map(),
    searchAttributeTypes,
    store,
  };
  const saveOffset = async (offsetMs: number): Promise<void> => {
    store.set(CLOCK_SETTING, String(offsetMs));
    await store.committed();
  };
  return { engine, time: options.movableClock ? new TimeControl(clock, inFlight, saveOffset) : undefined };
}

function servicesOf(node: Node, polls: Polls, time: TimeControl<Due> | undefined): Record<string, Handlers> {
  return {
    [service('workflowservice.v1.WorkflowService')]: {
      ...workflowHandlers(node),
      ...historyHandlers(node),
      ...taskHandlers(node, polls),
      ...listingHandlers(node),
      ...clusterHandlers(node),
    },
    [service('operatorservice.v1.OperatorService')]: operatorHandlers(node),
    'grpc.health.v1.Health': healthHandlers,
    ...(time ? { [service('testservice.v1.TestService')]: testServiceHandlers(time) } : {}),
  };
}

/** One end for every way to end: stopped from outside, or a defect that must not be survived. */
class Life {
  readonly ended: Promise<void>;
  #resolve: () => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;
  readonly #ends: (() => unknown)[] = [];
  #abandon: () => void = () => undefined;
  #over = false;

  constructor() {
    this.ended = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.ended.catch(() => undefined);
  }

  get isOver(): boolean {
    return this.#over;
  }

  onDefect(abandon: () => void): void {
    this.#abandon = abandon;
  }

  /** What was opened last is closed first, also when the start itself fails half-way. */
  onEnd(end: () => unknown): void {
    this.#ends.push(end);
  }

  async #end(): Promise<void> {
    const failures: unknown[] = [];
    for (const end of this.#ends.toReversed()) {
      try {
        await end();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  async stop(): Promise<void> {
    if (!this.#over) {
      this.#over = true;
      await this.#end().then(this.#resolve, this.#reject);
    }
    await this.ended;
  }

  /** Nothing more is told to anybody: what clients heard is on disk, what is in memory may not be. */
  readonly die = (error: unknown): void => {
    if (this.#over) return;
    this.#over = true;
    this.#abandon();
    void this.#end()
      .catch(() => undefined)
      .then(() => this.#reject(error instanceof Error ? error : new Error(String(error))));
  };

  readonly guard = (work: () => void): void => {
    if (this.#over) return;
    try {
      work();
    } catch (error) {
      this.die(error);
    }
  };
}
