import { ESLint, Linter } from 'eslint';
import tseslint from 'typescript-eslint';

/** The rules as the project's configuration gives them to a file in that place. */
async function lint(file: string, code: string): Promise<string[]> {
  const config = (await new ESLint().calculateConfigForFile(file)) as { rules: Linter.RulesRecord };
  const wanted = ['no-restricted-imports', 'no-restricted-syntax'];
  const rules = Object.fromEntries(wanted.flatMap((name) => (config.rules[name] ? [[name, config.rules[name]]] : [])));
  const messages = new Linter().verify(
    code,
    [{ files: ['**/*.ts'], languageOptions: { parser: tseslint.parser }, rules }],
    file,
  );
  return messages.map(({ ruleId }) => String(ruleId));
}

const workflow = 'workflows/probe/workflow.ts';

describe('what the embedded Temporal node does not do is kept out of workflows', () => {
  test.each([
    `import { defineUpdate } from '@temporalio/workflow';`,
    `import { startChild } from '@temporalio/workflow';`,
    `import { executeChild as run } from '@temporalio/workflow';`,
    `import { getExternalWorkflowHandle } from '@temporalio/workflow';`,
    `import { createNexusServiceClient } from '@temporalio/workflow';`,
    `import { setWorkflowOptions } from '@temporalio/workflow';`,
    `import { ScheduleClient } from '@temporalio/client';`,
    `import * as everything from '@temporalio/workflow';`,
  ])('%s', async (code) => {
    expect(await lint(workflow, code)).not.toEqual([]);
  });

  test.each([
    `import { patched, deprecatePatch, sleep, condition, continueAsNew } from '@temporalio/workflow';`,
    `import { Client } from '@temporalio/client';`,
  ])('but not this: %s', async (code) => {
    expect(await lint(workflow, code)).toEqual([]);
  });

  test('elsewhere the words are free', async () => {
    expect(await lint('test/probe.ts', `import { startChild } from '@temporalio/workflow';`)).toEqual([]);
  });
});
