import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const root = process.cwd();
const cache = join(root, 'node_modules/.cache/shomei-workflows');

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.spec.ts'))
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();

const digestOfSources = (): string => {
  const digest = createHash('sha256');
  const files = ['workflows', 'src/kernel'].flatMap((room) => filesOf(join(root, room)));
  for (const file of [...files, join(root, 'package-lock.json')]) digest.update(file).update(readFileSync(file));
  return digest.digest('hex').slice(0, 24);
};

/** The product's workflows from their sources; packed once for as long as these stay the same. */
export const workflowsForTests = async (): Promise<{ codePath: string }> => {
  const codePath = join(cache, `${digestOfSources()}.js`);
  if (existsSync(codePath)) return { codePath };
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(root, 'workflows/index.ts'),
    workflowInterceptorModules: [join(root, 'workflows/correlation.ts')],
    logger: new DefaultLogger('ERROR'),
    webpackConfigHook: (config) => ({
      ...config,
      resolve: { ...config.resolve, extensionAlias: { '.js': ['.ts', '.js'] } },
    }),
  });
  mkdirSync(cache, { recursive: true });
  // Another suite may be at it, too: whoever is last puts the same content in place.
  const draft = `${codePath}.${process.pid}`;
  writeFileSync(draft, code);
  renameSync(draft, codePath);
  return { codePath };
};
