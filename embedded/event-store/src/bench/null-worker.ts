import { serveInWorker } from '@shomei/embedded-kit';
import { startNullNode } from './null-node.js';

await serveInWorker(startNullNode);
