import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = process.cwd();
const { forbidden } = createRequire(import.meta.url)(join(root, '.dependency-cruiser.cjs')) as {
  forbidden: { name: string }[];
};

/** What the planted violations import; none of these breaks a rule itself. */
const targets: Record<string, string> = {
  'src/kernel/word.ts': 'export const word = 1;',
  'src/platform/thing.ts': 'export const thing = 1;',
  'src/contexts/alpha/messages.ts': 'export const message = 1;',
  'src/contexts/alpha/state.ts': 'export const state = 1;',
  'src/contexts/alpha/decider.ts': 'export const decider = 1;',
  'src/contexts/alpha/commands.ts': 'export const commands = 1;',
  'projections/rows/projection.ts': 'export const rows = 1;',
  'src/platform/f.ts': "export * from './e.js';",
  'embedded/node/src/index.ts': 'export const node = 1;',
  'test/kit/tool.ts': 'export const tool = 1;',
};

/** [rule, file, text]: each of these must be caught by its rule. */
const planted: [rule: string, file: string, text: string][] = [
  ['kernel-imports-nothing', 'src/kernel/a.ts', "export { thing } from '../platform/thing.js';"],
  ['kernel-imports-nothing', 'src/kernel/b.ts', "export { readFileSync } from 'node:fs';"],
  ['kernel-imports-nothing', 'src/kernel/c.ts', "export { Injectable } from '@nestjs/common';"],
  ['ids-are-digests', 'src/kernel/ids.ts', "export { readFileSync } from 'node:fs';"],
  ['kernel-imports-nothing', 'src/kernel/d.ts', "export { hash } from 'node:crypto';"],
  ['decider-is-pure', 'src/contexts/beta/decider.ts', "export { Injectable } from '@nestjs/common';"],
  ['decider-is-pure', 'src/contexts/beta/access.decider.ts', "export { z } from 'zod';"],
  ['decider-is-pure', 'src/contexts/beta/state.ts', "export { readFileSync } from 'node:fs';"],
  ['decider-is-pure', 'src/contexts/beta/messages.ts', "export { decider } from '../alpha/decider.js';"],
  ['contexts-speak-through-messages', 'src/contexts/beta/commands.ts', "export * from '../alpha/decider.js';"],
  ['decider-is-pure', 'src/contexts/gamma/decider.ts', "export * from '../alpha/state.js';"],
  ['contexts-speak-through-messages', 'src/contexts/gamma/decider.ts', "export * from '../alpha/state.js';"],
  ['pki-knows-no-context', 'src/pki/a.ts', "export { message } from '../contexts/alpha/messages.js';"],
  ['workflow-is-deterministic', 'workflows/a/workflow.ts', "export { randomUUID } from 'node:crypto';"],
  ['workflow-is-deterministic', 'workflows/b/workflow.ts', "export * from '../../src/contexts/alpha/commands.js';"],
  ['workflow-is-deterministic', 'workflows/c/messages.ts', "export { of } from 'rxjs';"],
  ['workflow-is-deterministic', 'workflows/index.ts', "export { of } from 'rxjs';"],
  ['workflows-command-only', 'workflows/a/activities.ts', "export * from '../../src/contexts/alpha/decider.js';"],
  [
    'projections-read-messages-only',
    'projections/a/projection.ts',
    "export * from '../../src/contexts/alpha/state.js';",
  ],
  [
    'no-decision-from-a-read-model',
    'src/contexts/beta/service.ts',
    "export * from '../../../projections/rows/projection.js';",
  ],
  ['no-decision-from-a-read-model', 'src/platform/b.ts', "export * from '../../projections/rows/projection.js';"],
  ['embedded-knows-no-product', 'embedded/node/src/a.ts', "export * from '../../../src/platform/thing.js';"],
  ['only-entrypoints-start-embedded', 'src/platform/a.ts', "export * from '../../embedded/node/src/index.js';"],
  ['only-entrypoints-start-embedded', 'src/platform/c.ts', "export * from '@shomei/embedded-event-store';"],
  ['tests-are-not-shipped', 'src/platform/d.ts', "export * from '../../test/kit/tool.js';"],
  [
    'event-store-client-behind-one-file',
    'src/contexts/beta/http.ts',
    "export { jsonEvent } from '@eventstore/db-client';",
  ],
  ['no-circles', 'src/platform/e.ts', "export * from './f.js';"],
];

/** What the rooms may do; a wall that hit these would stop honest work. */
const allowed: [file: string, text: string][] = [
  ['src/kernel/ok.ts', "export { z } from 'zod';\nexport { v5 } from 'uuid';\nexport * from '@holiday-jp/holiday_jp';"],
  [
    'src/contexts/alpha/ok.decider.ts',
    "export * from './state.js';\nexport * from './decider.js';\nexport * from '../../kernel/word.js';",
  ],
  [
    'src/contexts/delta/commands.ts',
    "export * from '../alpha/messages.js';\nexport { thing } from '../../platform/thing.js';",
  ],
  ['src/contexts/delta/http.ts', "export * from '../../../projections/rows/projection.js';"],
  ['src/contexts/delta/users.http.ts', "export * from '../../../projections/rows/projection.js';"],
  ['src/platform/event-store/adapter.ts', "export { jsonEvent } from '@eventstore/db-client';"],
  ['src/entrypoints/all-in-one.ts', "export * from '@shomei/embedded-event-store';"],
  ['workflows/d/workflow.ts', "export type * from '../../src/contexts/alpha/commands.js';"],
  ['workflows/d/activities.ts', "export * from '../../src/contexts/alpha/commands.js';"],
];

type Violation = { from: string; rule: { name: string } };
let copy: string;
let violations: Violation[];

const plant = (file: string, text: string) => {
  mkdirSync(dirname(join(copy, file)), { recursive: true });
  writeFileSync(join(copy, file), `${text}\n`);
};

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'walls-'));
  for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json', 'tsconfig.base.json', 'package.json']) {
    cpSync(join(root, file), join(copy, file));
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  for (const [file, text] of Object.entries(targets)) plant(file, text);
  for (const [, file, text] of planted) plant(file, text);
  for (const [file, text] of allowed) plant(file, text);
  const rooms = ['src', 'workflows', 'projections', 'embedded/*/src', 'test'];
  const cli = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const run = spawnSync(process.execPath, [cli, '--config', '.dependency-cruiser.cjs', '-T', 'json', ...rooms], {
    cwd: copy,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  if (run.stdout === '') throw new Error(run.stderr);
  violations = (JSON.parse(run.stdout) as { summary: { violations: Violation[] } }).summary.violations;
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

describe('the walls between the rooms', () => {
  it('has a planted violation for every rule', () => {
    const probed = new Set(planted.map(([rule]) => rule));
    expect([...probed].sort()).toEqual(forbidden.map(({ name }) => name).sort());
  });

  it.each(planted)('%s bites %s', (rule, file) => {
    const hits = violations.filter(({ from }) => from === file).map(({ rule: { name } }) => name);
    expect(hits).toContain(rule);
  });

  it.each(allowed)('lets %s through', (file) => {
    expect(violations.filter(({ from }) => from === file).map(({ rule: { name } }) => name)).toEqual([]);
  });
});
