import { connect, constants } from 'node:http2';
import { failure, status } from './status.js';
import { serveGrpc } from './server.js';

it.each([
  ['application/grpc', 200],
  ['text/plain', 415],
])('who was answered and sends on and on is cut off, and has the answer: %s', async (type, said) => {
  const why = failure(status.UNAUTHENTICATED, 'nobody knows you');
  const methods = new Map([['/any', (call: { fail(failure: typeof why): void }) => call.fail(why)]]);
  const limits = { maxMessageBytes: 1_000, maxOpenCalls: 10 };
  const server = await serveGrpc({ methods, host: '127.0.0.1', port: 0, tls: undefined, ...limits });
  const session = connect(`http://127.0.0.1:${server.port}`);
  const call = session.request({ ':method': 'POST', ':path': '/any', 'content-type': type });
  let answer: unknown[] = [];
  let sent = 0;
  call
    .on('response', (headers) => (answer = [headers[':status'], headers['grpc-status']]))
    .on('error', () => undefined);
  call.resume();
  const closed = new Promise<void>((resolve) => call.once('close', resolve));
  const piece = Buffer.alloc(16 * 1024);
  const sendOn = (): void => {
    if (call.closed || sent > 32 * 1024 * 1024) return call.close();
    sent += piece.length;
    call.write(piece, () => setImmediate(sendOn));
  };
  sendOn();
  await closed;
  session.close();
  await server.stop(why, 100);
  expect(answer).toEqual([said, said === 200 ? String(status.UNAUTHENTICATED) : undefined]);
  expect(call.rstCode).toBe(constants.NGHTTP2_NO_ERROR);
  expect(sent).toBeLessThan(8 * 1024 * 1024);
});
