// Tries, as another user of this machine, what only the owner of a node may do. Reads from its input whom to become, and
// what to try: { uid, files, port, calls: [{ path, body }] }; writes down how each attempt ended.
import { Buffer } from 'node:buffer';
import { appendFileSync, readFileSync } from 'node:fs';
import { connect } from 'node:http2';

const { uid, files, port, calls } = JSON.parse(readFileSync(0, 'utf8'));
// Here and not when it is started: the other user may not be allowed to read the program itself.
process.setgroups([uid]);
process.setgid(uid);
process.setuid(uid);

const outcome = (attempt) => {
  try {
    attempt();
    return 'done';
  } catch (error) {
    return error.code;
  }
};

// Who cannot read the folder cannot know the node's authority either: he speaks to it all the same.
const session = connect(`https://localhost:${port}`, { rejectUnauthorized: false });
const called = ({ path, body }) =>
  new Promise((resolve, reject) => {
    const headers = { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' };
    const call = session.request(headers);
    let status;
    const note = (more) => (status = more['grpc-status'] ?? status);
    call
      .on('response', note)
      .on('trailers', note)
      .on('error', reject)
      .on('close', () => resolve(Number(status)))
      .resume();
    call.end(Buffer.from(body, 'base64'));
  });

const result = {
  uid: process.getuid(),
  read: Object.fromEntries(files.map((file) => [file, outcome(() => readFileSync(file))])),
  written: Object.fromEntries(files.map((file) => [file, outcome(() => appendFileSync(file, ''))])),
  statuses: await Promise.all(calls.map(called)),
};
session.destroy();
process.stdout.write(JSON.stringify(result));
