import { useRawNodes } from '../../../../test/kit/temporal/raw-node.js';
import { invalidArgument, queryFailed, type RpcError } from './errors.js';
import { toServiceError } from './server.js';

const run = useRawNodes();

const MOST_HEADER_BYTES = 14_000;
const QUERY_FAILED = 2;

const headerBytes = (error: RpcError): number => {
  const { details, metadata } = toServiceError(error);
  const [binary] = metadata?.get('grpc-status-details-bin') ?? [];
  return encodeURI(details ?? '').length + (binary ? Buffer.from(binary).toString('base64').length : 0);
};

describe('a refusal', () => {
  test.each([
    ['plain', 'x'],
    ['in Japanese', '証明'],
    ['beyond the basic plane', '😀'],
    ['that encoding makes three times as long', '"%{ '],
  ])('however long fits into the headers of a call: %s', (_, text) => {
    const long = text.repeat(100_000);
    expect(headerBytes(invalidArgument(long))).toBeLessThan(MOST_HEADER_BYTES);
    const failure = { message: long, stackTrace: long, cause: { message: long } };
    expect(headerBytes(queryFailed(long, failure))).toBeLessThan(MOST_HEADER_BYTES);
  });

  test('keeps its kind and the beginning of its message', () => {
    const error = toServiceError(queryFailed('証'.repeat(10_000), { message: 'x'.repeat(10_000) }));
    expect(error).toMatchObject({ code: 3, details: expect.stringMatching(/^証{100,}…$/) as string });
    const [binary] = error.metadata?.get('grpc-status-details-bin') ?? [];
    expect(Buffer.from(binary ?? '').toString('utf8')).toContain('errordetails.v1.QueryFailedFailure');
  });

  test('of usual length is not touched', () => {
    expect(toServiceError(invalidArgument('"証明" is not set on request.')).details).toBe(
      '"証明" is not set on request.',
    );
  });
});

test('a query that fails at great length is answered to the caller as such', async () => {
  const { worker, connection } = await run();
  const workflowId = await worker.start();
  await worker.complete(await worker.poll());
  const service = connection.workflowService;
  const asked = service.queryWorkflow({
    namespace: 'default',
    execution: { workflowId },
    query: { queryType: 'state' },
  });
  const refused = expect(asked).rejects.toMatchObject({ code: 3, details: expect.stringMatching(/^証/) as string });
  const task = await worker.poll();
  await service.respondQueryTaskCompleted({
    namespace: 'default',
    taskToken: task.taskToken ?? new Uint8Array(),
    completedType: QUERY_FAILED,
    errorMessage: '証'.repeat(100_000),
    failure: { message: '証'.repeat(100_000), stackTrace: 'x'.repeat(100_000) },
  });
  await refused;
});
