import { parseArgs } from 'node:util';
import { failCommand, runNode } from '@shomei/embedded-kit';
import { startNode } from './node.js';

const USAGE = `usage:
  --data DIR [--port N] [--insecure]   serve the folder on loopback (port 0, the default: any)`;

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    port: { type: 'string', default: '0' },
    insecure: { type: 'boolean', default: false },
  },
});
const { data, port, insecure } = values;
if (data === undefined) failCommand(USAGE);
else await runNode(() => startNode({ dataDir: data, port: Number(port), insecure }));
