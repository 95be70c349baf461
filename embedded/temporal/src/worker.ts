import { serveInWorker } from '@shomei/embedded-kit';
import { serveClock } from './clock/remote-clock.js';
import { startNode, type NodeOptions } from './node.js';

await serveInWorker(async ({ clockChannel, ...options }: NodeOptions & { clockChannel?: string }) => {
  const node = await startNode(options);
  if (clockChannel && node.time) serveClock(clockChannel, node.time);
  return { ready: node.ready, stop: () => node.stop(), ended: node.ended };
});
