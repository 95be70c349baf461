import { serveInWorker } from '@shomei/embedded-kit';
import { startNode } from './node.js';

await serveInWorker(startNode);
