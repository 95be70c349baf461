import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { failCommand, runNode } from '@shomei/embedded-kit';
import { backupLog } from './log/backup.js';
import { verifyLog } from './log/verify.js';
import { LOG_FILE, startNode } from './node.js';

const USAGE = `Serve a folder on this machine's loopback (port 0, the default, takes any):
  --data DIR [--port N] [--insecure]
Copy the log to a new file, while the node may be running:
  backup --data DIR --to FILE
Check the log: order, gaps, revisions and the checksum of every event:
  verify --data DIR | verify --file FILE`;

const run = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      data: { type: 'string' },
      port: { type: 'string', default: '0' },
      insecure: { type: 'boolean', default: false },
      to: { type: 'string' },
      file: { type: 'string' },
    },
  });
  const { data, to, insecure } = values;
  const command = positionals.join(' ');
  const file = values.file ?? (data === undefined ? undefined : join(data, LOG_FILE));
  if (command === '' && data !== undefined) {
    await runNode(() => startNode({ dataDir: data, port: portOf(values.port), insecure }));
  } else if (command === 'backup' && data !== undefined && to !== undefined) {
    report({ backup: to, ...backupLog(join(data, LOG_FILE), to) });
  } else if (command === 'verify' && file !== undefined) {
    const verification = verifyLog(file);
    report(verification);
    if (!verification.ok) process.exitCode = 1;
  } else {
    throw new Error(USAGE);
  }
};

const portOf = (text: string): number => {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`--port ${text} is not a port (0 to 65535)`);
  return port;
};

const report = (result: object): void => void process.stdout.write(`${JSON.stringify(result)}\n`);

await run().catch(failCommand);
