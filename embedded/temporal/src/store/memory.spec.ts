import { useRawNodes } from '../../../../test/kit/temporal/raw-node.js';
import { CommandType, completeWorkflow, startTimer } from '../../../../test/kit/temporal/raw-worker.js';

const run = useRawNodes();

describe('what is kept in memory', () => {
  test('closed runs do not stay in memory', async () => {
    const { node, worker } = await run();
    for (let i = 0; i < 20; i++) {
      await worker.start();
      await worker.complete(await worker.poll(), [startTimer('a', 1e9), completeWorkflow]);
    }
    expect(node.engine.open.size).toBe(0);
    expect(node.engine.clock.pending).toBe(0);
    expect(node.engine.inFlight.size).toBe(0);
  });

  test('large events of open runs are on disk only', async () => {
    const { node, worker } = await run();
    const input = { payloads: [{ data: new Uint8Array(100_000).fill(1) }] };
    const id = await worker.start({ input });
    for (let i = 0; i < 3; i++) await worker.signal(id, 'go', `${i}`, 3000);
    const tail = node.engine.open.current('default', id)?.tail ?? [];
    expect(tail.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(8192);
    const events = (await worker.poll()).history?.events ?? [];
    expect(events[0]?.workflowExecutionStartedEventAttributes?.input).toMatchObject(input);
    expect(events).toHaveLength(6);
  });

  test('memo and search attributes keep nothing else of the requests they came in', async () => {
    const { node, worker } = await run({ searchAttributes: { Colour: 'Keyword' } });
    const payload = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('"red"') };
    const large = { payloads: [{ data: new Uint8Array(1_000_000).fill(1) }] };
    const fields = (name: string) => ({ fields: { [name]: payload } });
    const attributes = { searchAttributes: { indexedFields: { Colour: payload } } };
    const marker = { markerName: 'm', details: { large } };
    const padding = { commandType: CommandType.COMMAND_TYPE_RECORD_MARKER, recordMarkerCommandAttributes: marker };
    const held = () => {
      const { memo = {}, searchAttributes = {} } = node.engine.open.current('default', id) ?? {};
      expect(Object.keys(searchAttributes)).toEqual(['Colour']);
      const payloads = [...Object.values(memo), ...Object.values(searchAttributes)];
      const bytes = payloads.flatMap(({ data, metadata }) => [data ?? Buffer.of(), ...Object.values(metadata ?? {})]);
      // Small buffers share slabs of a few KiB.
      expect(Math.max(...bytes.map(({ buffer }) => buffer.byteLength))).toBeLessThan(70_000);
      return Object.keys(memo);
    };
    const id = await worker.start({ input: large, memo: fields('a'), ...attributes });
    expect(held()).toEqual(['a']);
    await worker.complete(await worker.poll(), [
      padding,
      {
        commandType: CommandType.COMMAND_TYPE_MODIFY_WORKFLOW_PROPERTIES,
        modifyWorkflowPropertiesCommandAttributes: { upsertedMemo: fields('b') },
      },
      {
        commandType: CommandType.COMMAND_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
        upsertWorkflowSearchAttributesCommandAttributes: attributes,
      },
    ]);
    expect(held()).toEqual(['a', 'b']);
    await worker.signal(id);
    await worker.complete(await worker.poll(), [
      {
        commandType: CommandType.COMMAND_TYPE_CONTINUE_AS_NEW_WORKFLOW_EXECUTION,
        continueAsNewWorkflowExecutionCommandAttributes: { input: large, memo: fields('c'), ...attributes },
      },
    ]);
    expect(held()).toEqual(['c']);
  });
});
