import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

const sources = ['src/platform', 'src/contexts', 'src/entrypoints'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
    .map((name) => join(folder, name)),
);

it('changes every lasting table by numbered steps, so that an older program can say that it does not fit any more', () => {
  const making = sources
    .map((file) => [file, readFileSync(file, 'utf8')] as const)
    .filter(([, text]) => text.includes('.createTable('));
  expect(making.length).toBeGreaterThan(8);
  const withoutSteps = making.filter(
    ([, text]) => !/: readonly Step\[\] = \[/.test(text) && !text.includes("'schema_versions'"),
  );
  expect(withoutSteps.map(([file]) => file)).toEqual([]);
});
