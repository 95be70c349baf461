// Nothing but Node's own HTTP server that always gives the same bytes: what no service on it could exceed.
import { createServer } from 'node:http';

const body = Buffer.from(process.argv[2] ?? '', 'base64');
const headers = { 'content-type': 'application/ocsp-response', 'content-length': body.length };
const server = createServer((request, response) => {
  request.on('data', () => undefined);
  request.on('end', () => response.writeHead(200, headers).end(body));
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
