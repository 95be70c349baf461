import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { event } from '../../contract/event-store/suites/makings.js';
import { Refused, type Connection, type Expectation } from '../../contract/event-store/vocabulary.js';
import { connect } from '../../kit/db-client.js';
import { eventStoreNodes, type TestNode } from '../../kit/event-store-node.js';
import { Model, type Modelled, type Verdict } from './model.js';

/** The long form: PROPERTY_RUNS=2000. A failure prints the seed and the path that repeat it. */
const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 40);
const TIME_MS = 60_000 + RUNS * 1_000;
/** A failure is made smaller as long as there is time, and told before Jest loses its patience. */
const OPTIONS = { numRuns: RUNS, interruptAfterTimeLimit: 0.8 * TIME_MS, markInterruptAsFailure: true };

interface Command {
  readonly stream: number;
  readonly expect: Expectation;
  /** Numbers of ids, from so small a pool that repetitions are the rule. */
  readonly ids: readonly number[];
  readonly way: 'batch' | 'classic';
}

const command: fc.Arbitrary<Command> = fc.record({
  stream: fc.nat({ max: 2 }),
  expect: fc.oneof(fc.constantFrom<Expectation>('any', 'noStream', 'streamExists'), fc.bigInt({ min: 0n, max: 9n })),
  ids: fc.array(fc.nat({ max: 11 }), { minLength: 1, maxLength: 4 }),
  way: fc.constantFrom('batch', 'classic'),
});

/** Sent before the first of them is answered; one call keeps their order. */
const volley = fc.array(command, { minLength: 1, maxLength: 12 });
const volleys = fc.array(volley, { minLength: 1, maxLength: 6 });

/** One run: its own streams and ids, the model, and the store that must agree with it. */
class Trial {
  private readonly model = new Model();
  private readonly name = randomUUID();
  private readonly ids = Array.from({ length: 12 }, () => randomUUID() as string);

  async sendOneByOne(connection: Connection, commands: readonly Command[]): Promise<void> {
    for (const each of commands) expect(await this.send(connection, each)).toEqual(this.predict(each));
  }

  async sendAtOnce(connection: Connection, commands: readonly Command[]): Promise<void> {
    const answers = Promise.all(commands.map((each) => this.send(connection, { ...each, way: 'batch' })));
    expect(await answers).toEqual(commands.map((each) => this.predict(each)));
  }

  async compare(connection: Connection, from: bigint): Promise<void> {
    const all = await connection.readAll({ from: from + 1n });
    const seen = all.map(({ stream, id, revision }): Modelled => ({ stream, id, revision }));
    expect(seen).toEqual(this.model.all);
    expect(all.map(({ position }) => position)).toEqual(all.map((_, index) => from + 1n + BigInt(index)));
    for (const stream of new Set(seen.map((recorded) => recorded.stream))) {
      const own = (await connection.readStream(stream)).map(({ id, revision }) => ({ stream, id, revision }));
      expect(own).toEqual(seen.filter((recorded) => recorded.stream === stream));
    }
  }

  private predict({ stream, expect: expectation, ids }: Command): Verdict {
    return this.model.append(this.streamOf(stream), expectation, this.idsOf(ids));
  }

  private async send(connection: Connection, { stream, expect: expectation, ids, way }: Command): Promise<Verdict> {
    const events = this.idsOf(ids).map((id) => event({}, { id }));
    try {
      const { revision } = await connection.append(this.streamOf(stream), events, { expect: expectation, way });
      return { revision };
    } catch (error) {
      if (!(error instanceof Refused) || error.actual === undefined) throw error;
      return { actual: error.actual };
    }
  }

  private streamOf(index: number): string {
    return `law-${this.name}-${index}`;
  }

  private idsOf(numbers: readonly number[]): string[] {
    return numbers.map((index) => this.ids[index] as string);
  }
}

describe('the laws of expected revisions and of event ids', () => {
  const nodes = eventStoreNodes();
  let node: TestNode;
  let connection: Connection;
  const endOfLog = async (): Promise<bigint> =>
    (await connection.readAll({ backwards: true, count: 1 }))[0]?.position ?? 0n;

  const open = async (options: Parameters<typeof nodes.start>[0] = {}): Promise<void> => {
    node = await nodes.start(options);
    connection = connect(node.connectionString);
  };
  beforeAll(() => open());
  afterAll(() => connection.close());

  it(
    'hold for appends one after the other',
    () =>
      fc.assert(
        fc.asyncProperty(volleys, async (commands) => {
          const trial = new Trial();
          const from = await endOfLog();
          await trial.sendOneByOne(connection, commands.flat());
          await trial.compare(connection, from);
        }),
        OPTIONS,
      ),
    TIME_MS,
  );

  it(
    'hold for appends that are sent together',
    () =>
      fc.assert(
        fc.asyncProperty(volleys, async (commands) => {
          const trial = new Trial();
          const from = await endOfLog();
          for (const each of commands) await trial.sendAtOnce(connection, each);
          await trial.compare(connection, from);
        }),
        OPTIONS,
      ),
    TIME_MS,
  );

  it(
    'hold across restarts',
    () =>
      fc.assert(
        fc.asyncProperty(volleys, async (commands) => {
          const trial = new Trial();
          const from = await endOfLog();
          for (const each of commands.slice(0, 3)) {
            // One by one: a client that is only just connecting does not keep the order of what it sends.
            await trial.sendOneByOne(connection, each);
            await connection.close();
            await node.stop();
            await open({ dataDir: node.dataDir });
          }
          await trial.compare(connection, from);
        }),
        { ...OPTIONS, numRuns: Math.ceil(RUNS / 20) },
      ),
    TIME_MS,
  );
});
