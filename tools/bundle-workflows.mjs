// Packs the compiled workflows into the one file that workers run, so that starting one needs no bundler.
import { writeFileSync } from 'node:fs';
import { fileURLToPath, URL } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const at = (path) => fileURLToPath(new URL(`../dist/${path}`, import.meta.url));
const { code } = await bundleWorkflowCode({
  workflowsPath: at('workflows/index.js'),
  workflowInterceptorModules: [at('workflows/correlation.js')],
  logger: new DefaultLogger('WARN'),
});
writeFileSync(at('workflows.bundle.js'), code);
