import { readFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { Client, Connection } from '@temporalio/client';
import { startTemporal, type Temporal } from '@shomei/embedded-temporal';
import proto from '@temporalio/proto';
import type { temporal } from '@temporalio/proto';
import { end, startNodeProcess, type NodeProcess } from '../../kit/temporal/processes.js';
import { callRaw } from '../../kit/temporal/raw-call.js';
import { CommandType, RawWorker, completeWorkflow } from '../../kit/temporal/raw-worker.js';
import { newId, pause, temporaryFolder } from '../../kit/temporal/target.js';

const WORKFLOW_SERVICE = 'temporal.api.workflowservice.v1.WorkflowService';
const path = (method: string) => `/${WORKFLOW_SERVICE}/${method}`;

const methods = (proto as unknown as { lookupService(name: string): { methodsArray: { name: string }[] } })
  .lookupService(WORKFLOW_SERVICE)
  .methodsArray.map(({ name }) => name);

/** A small generator whose seed is printed with the test: the same bytes every time. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const ws = proto.temporal.api.workflowservice.v1;

/** Built so that even `__proto__` is a field of its own. */
const attributesOf = (name: string) => ({
  indexedFields: Object.fromEntries([
    [name, { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('"x"') }],
  ]),
});

describe('hostile input', () => {
  const folder = temporaryFolder();
  let node: NodeProcess;
  beforeAll(async () => {
    node = await startNodeProcess(folder.path, 0);
  }, 30_000);
  afterAll(async () => {
    await end(node.child, 'SIGTERM');
    folder.remove();
  });

  const rssMb = (): number =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${node.child.pid}/status`, 'utf8'))?.[1]) / 1024;

  const works = async (): Promise<void> => {
    const connection = await Connection.connect({ address: node.ready.address });
    const client = new Client({ connection });
    const handle = await client.workflow.start('nobody', { taskQueue: 'none', workflowId: newId('alive') });
    expect((await handle.describe()).status.name).toBe('RUNNING');
    await connection.close();
  };

  test('random bytes to every method are answered with a status code', async () => {
    const random = randomOf(20_260_101);
    for (const method of methods) {
      for (const length of [0, 1, 40, 400]) {
        const bytes = Uint8Array.from({ length }, () => Math.floor(random() * 256));
        const code = await callRaw(node.ready.address, path(method), { bytes, timeoutMs: 1500 });
        expect([0, 3, 4, 5, 8, 9, 12]).toContain(code);
      }
    }
    await works();
  }, 120_000);

  test('a sound request with one byte changed, 500 times', async () => {
    const random = randomOf(7);
    const sound = ws.StartWorkflowExecutionRequest.encode({
      namespace: 'default',
      workflowId: 'mutant',
      workflowType: { name: 'nobody' },
      taskQueue: { name: 'none' },
      requestId: 'r',
      input: { payloads: [{ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('{}') }] },
      workflowRunTimeout: { seconds: 100 as never },
      retryPolicy: { maximumAttempts: 3, backoffCoefficient: 2 },
    }).finish();
    for (let i = 0; i < 500; i++) {
      const bytes = Uint8Array.from(sound);
      bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      const code = await callRaw(node.ready.address, path('StartWorkflowExecution'), { bytes });
      expect([0, 3, 5, 6, 12]).toContain(code);
    }
    await works();
  }, 120_000);

  const upsert = (name: string): temporal.api.command.v1.ICommand => ({
    commandType: CommandType.COMMAND_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
    upsertWorkflowSearchAttributesCommandAttributes: { searchAttributes: attributesOf(name) },
  });
  const remember = (name: string): temporal.api.command.v1.ICommand => ({
    commandType: CommandType.COMMAND_TYPE_MODIFY_WORKFLOW_PROPERTIES,
    modifyWorkflowPropertiesCommandAttributes: { upsertedMemo: { fields: attributesOf(name).indexedFields } },
  });

  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf'])(
    'a name that every object has, %s, is unknown like any other',
    async (name) => {
      const connection = await Connection.connect({ address: node.ready.address, interceptors: [] });
      const worker = new RawWorker(connection);
      const refused = { code: 3, details: expect.stringContaining(`search attribute ${name}`) as string };
      await expect(worker.start({ searchAttributes: attributesOf(name) })).rejects.toMatchObject(refused);
      const id = await worker.start();
      await expect(worker.complete(await worker.poll(), [upsert(name)])).rejects.toMatchObject(refused);
      const query = `${name} = 'x'`;
      const list = ws.ListWorkflowExecutionsRequest.encode({ namespace: 'default', query }).finish();
      expect(await callRaw(node.ready.address, path('ListWorkflowExecutions'), { bytes: list })).toBe(3);
      await worker.complete(await worker.poll(), [remember(name), completeWorkflow]);
      const { workflowExecutionInfo } = await worker.describe(id);
      expect(Object.keys(workflowExecutionInfo?.memo?.fields ?? {})).toEqual([name]);
      await connection.close();
      await works();
    },
  );

  test('forged task and page tokens', async () => {
    const tokens = [
      '',
      '{',
      'null',
      '[]',
      '{"kind":"workflow"}',
      '{"kind":"activity","runId":"x","scheduledId":-1}',
      'x'.repeat(5000),
    ];
    for (const token of tokens) {
      const taskToken = Buffer.from(token);
      const completed = ws.RespondWorkflowTaskCompletedRequest.encode({ namespace: 'default', taskToken }).finish();
      expect(await callRaw(node.ready.address, path('RespondWorkflowTaskCompleted'), { bytes: completed })).toBe(5);
      const beat = ws.RecordActivityTaskHeartbeatRequest.encode({ namespace: 'default', taskToken }).finish();
      expect(await callRaw(node.ready.address, path('RecordActivityTaskHeartbeat'), { bytes: beat })).toBe(5);
      if (token === '') continue;
      const list = ws.ListWorkflowExecutionsRequest.encode({ namespace: 'default', nextPageToken: taskToken }).finish();
      expect(await callRaw(node.ready.address, path('ListWorkflowExecutions'), { bytes: list })).toBe(3);
    }
  });

  test('a request over the limit is refused, one at the payload limit is taken, one over it is not', async () => {
    const start = (bytes: number) =>
      ws.StartWorkflowExecutionRequest.encode({
        namespace: 'default',
        workflowId: newId('big'),
        workflowType: { name: 'nobody' },
        taskQueue: { name: 'none' },
        requestId: newId('r'),
        // Field headers take a few bytes of the limit.
        input: { payloads: [{ data: new Uint8Array(bytes) }] },
      }).finish();
    const limit = 2 * 1024 * 1024;
    const send = (bytes: Uint8Array) => callRaw(node.ready.address, path('StartWorkflowExecution'), { bytes });
    expect(await send(start(limit - 7))).toBe(3);
    expect(await send(start(limit - 8))).toBe(0);
    expect(await send(start(17 * 1024 * 1024))).toBe(8);
    await works();
  });

  test('list filters of any shape are compiled or refused', async () => {
    const random = randomOf(3);
    const words = [
      'WorkflowType',
      '=',
      "'x'",
      'AND',
      'OR',
      '(',
      ')',
      'NOT',
      'IN',
      ',',
      'BETWEEN',
      'IS',
      'NULL',
      '1',
      "';--",
      'RunId',
    ];
    for (let i = 0; i < 400; i++) {
      const query = Array.from(
        { length: 1 + Math.floor(random() * 9) },
        () => words[Math.floor(random() * words.length)],
      ).join(' ');
      const bytes = ws.ListWorkflowExecutionsRequest.encode({ namespace: 'default', query }).finish();
      expect([0, 3]).toContain(await callRaw(node.ready.address, path('ListWorkflowExecutions'), { bytes }));
    }
    const deep = ws.ListWorkflowExecutionsRequest.encode({ namespace: 'default', query: '('.repeat(5000) }).finish();
    expect(await callRaw(node.ready.address, path('ListWorkflowExecutions'), { bytes: deep })).toBe(3);
  });

  test('a flood of polls on names made up is bounded, in number and in memory', async () => {
    const beforeMb = rssMb();
    const connection = await Connection.connect({ address: node.ready.address });
    const codes = await Promise.all(
      Array.from({ length: 6000 }, (_, i) =>
        connection
          .withDeadline(Date.now() + 4000, () =>
            connection.workflowService.pollActivityTaskQueue({
              namespace: 'default',
              taskQueue: { name: `made-up-${i}` },
              identity: 'flood',
            }),
          )
          .then(
            () => 0,
            (error: { code?: number }) => error.code,
          ),
      ),
    );
    expect(codes.every((code) => code === 0 || code === 4 || code === 8)).toBe(true);
    expect(rssMb() - beforeMb).toBeLessThan(150);
    await connection.close();
    await works();
  }, 60_000);

  test('what waits keeps nothing of the request it came in', async () => {
    const megabytes = 8;
    const padding = { buildId: 'x'.repeat(megabytes * 2 ** 20) };
    const poll = { namespace: 'default', taskQueue: { name: 'padded' }, workerVersionCapabilities: padding };
    const requests = {
      PollActivityTaskQueue: ws.PollActivityTaskQueueRequest.encode(poll).finish(),
      PollWorkflowTaskQueue: ws.PollWorkflowTaskQueueRequest.encode(poll).finish(),
    };
    const beforeMb = rssMb();
    const waiting: Promise<number>[] = [];
    for (let n = 0; n < 30; n++) {
      for (const [method, bytes] of Object.entries(requests)) {
        waiting.push(callRaw(node.ready.address, path(method), { bytes, timeoutMs: 20_000 }));
      }
      await pause(50);
    }
    expect(rssMb() - beforeMb).toBeLessThan((waiting.length * megabytes * 2) / 3);
    // Their own deadline and the node's answer, whichever comes first.
    for (const code of await Promise.all(waiting)) expect([0, 4]).toContain(code);
    await works();
  }, 120_000);

  test.each([
    'UpdateWorkflowExecution',
    'ResetWorkflowExecution',
    'CreateSchedule',
    'PollNexusTaskQueue',
    'ExecuteMultiOperation',
  ])('%s is answered UNIMPLEMENTED, by name', async (method) => {
    expect(await callRaw(node.ready.address, path(method))).toBe(12);
  });
});

describe('a node that is not open to others', () => {
  const folder = temporaryFolder();
  let node: Temporal;
  beforeAll(async () => {
    node = await startTemporal({ dataDir: folder.path });
  });
  afterAll(async () => {
    await node.stop();
    folder.remove();
  });

  const files = () => {
    const { tls } = node.ready;
    if (!tls) throw new Error('the node is secured by default');
    return { authority: readFileSync(tls.authorityFile), secret: readFileSync(tls.secretFile, 'utf8').trim() };
  };

  test('lets in who has the secret, and nobody else', async () => {
    const { authority, secret } = files();
    const call = (authorization?: string) =>
      callRaw(node.address, path('GetSystemInfo'), {
        authority,
        ...(authorization ? { metadata: { authorization } } : {}),
      });
    expect(await call(`Bearer ${secret}`)).toBe(0);
    expect(await call()).toBe(16);
    expect(await call('Bearer ')).toBe(16);
    expect(await call(`Bearer ${secret.slice(1)}0`)).toBe(16);
    expect(await call(`Bearer ${secret}0`)).toBe(16);
  });

  test('speaks TLS only', async () => {
    expect(await callRaw(node.address, path('GetSystemInfo'), { timeoutMs: 1500 })).toBe(14);
  });

  test('closes a connection that sends much and never shows the secret', async () => {
    const { authority } = files();
    const before = process.memoryUsage().rss;
    const sinceMs = Date.now();
    const [host, port] = node.address.split(':');
    const session = connectHttp2(`https://${host}:${port}`, { ca: authority, servername: 'localhost' });
    session.on('error', () => undefined);
    const closed = new Promise((resolve) => session.once('close', resolve));
    for (let i = 0; i < 10; i++) {
      const stream = session.request({
        ':method': 'POST',
        ':path': path('StartWorkflowExecution'),
        'content-type': 'application/grpc',
      });
      stream.on('error', () => undefined);
      const header = Buffer.from([0, 0, 240, 0, 0]); // a message of 15 MiB is to come
      stream.write(Buffer.concat([header, Buffer.alloc(1024 * 1024)]));
    }
    await closed;
    // Long before the time that a silent one is given.
    expect(Date.now() - sinceMs).toBeLessThan(8000);
    expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(300);
    expect(await callRaw(node.address, path('GetSystemInfo'), { authority })).toBe(16);
  });

  test('does not even say which methods it lacks', async () => {
    const { authority } = files();
    expect(await callRaw(node.address, path('UpdateWorkflowExecution'), { authority })).toBe(16);
  });
});
