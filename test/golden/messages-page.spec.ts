import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { messagePage, orphans } from '../../src/entrypoints/message-page.js';
import { eventDefinitions } from '../../src/entrypoints/events.js';

it('docs/messages.md is what npm run messages would write', () =>
  expect(readFileSync('docs/messages.md', 'utf8')).toBe(messagePage()));

it('every event is decided by somebody and shown by some read model', () => {
  expect(orphans()).toEqual([]);
  const lines = messagePage().split('\n');
  for (const { type } of eventDefinitions) {
    const line = lines.find((candidate) => candidate.startsWith(`| \`${type}\` |`));
    expect(line?.split(' | ')[3]).not.toBe('–');
  }
});
