import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { failCommand, runNode } from '@shomei/embedded-kit';
import { SEARCH_ATTRIBUTE_TYPES, type SearchAttributeType } from './engine/search-attributes.js';
import { startNode, type NodeOptions } from './node.js';
import { spanMs } from './protocol/time.js';

const USAGE = `embedded:temporal -- --data DIR [--port N] [--clock] [--insecure] [--namespace NAME]...
    [--retention 7d] [--search-attribute Name=Type]...
  --clock     lets clients move time by the TestService calls
  --insecure  no TLS and no secret
embedded:temporal -- PORT
  a throw-away server for test environments: movable clock, no security, data gone at the end`;

function searchAttributes(pairs: readonly string[]): Record<string, SearchAttributeType> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [name = '', typeName = ''] = pair.split('=');
      const type = SEARCH_ATTRIBUTE_TYPES.find((known) => known === typeName);
      if (!type) throw new Error(`--search-attribute ${pair}: the type is one of ${SEARCH_ATTRIBUTE_TYPES.join(', ')}`);
      return [name, type];
    }),
  );
}

function portOf(text: string | undefined): number {
  const port = Number(text ?? 0);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`not a port: ${text}`);
  return port;
}

/** Test environments start a server by `PATH PORT` and nothing more. */
function throwAway(port: string): NodeOptions {
  const dataDir = mkdtempSync(join(tmpdir(), 'embedded-temporal-'));
  process.once('exit', () => rmSync(dataDir, { recursive: true, force: true }));
  return { dataDir, port: portOf(port), insecure: true, movableClock: true };
}

function optionsOf(args: string[]): NodeOptions {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      data: { type: 'string' },
      port: { type: 'string' },
      clock: { type: 'boolean', default: false },
      insecure: { type: 'boolean', default: false },
      namespace: { type: 'string', multiple: true, default: [] },
      retention: { type: 'string' },
      'search-attribute': { type: 'string', multiple: true, default: [] },
    },
  });
  const [port, ...rest] = positionals;
  if (port !== undefined && rest.length === 0 && values.data === undefined) return throwAway(port);
  if (values.data === undefined || positionals.length > 0) throw new Error(USAGE);
  return {
    dataDir: values.data,
    port: portOf(values.port),
    insecure: values.insecure,
    movableClock: values.clock,
    namespaces: values.namespace,
    searchAttributes: searchAttributes(values['search-attribute']),
    ...(values.retention === undefined ? {} : { retentionMs: spanMs(values.retention) }),
  };
}

try {
  const options = optionsOf(process.argv.slice(2));
  await runNode(() => startNode(options));
} catch (error) {
  failCommand(error);
}
