// Adds a recorded event for every type and schema that has none yet. What is there is never touched: it stands for events
// that lie in somebody's store.
import { existsSync, writeFileSync } from 'node:fs';
import { eventDefinitions } from '../dist/src/entrypoints/events.js';
import { goldenOf, goldenPath } from '../dist/src/platform/event-store/golden.js';

const added = eventDefinitions.filter((definition) => {
  const path = goldenPath(definition);
  if (existsSync(path)) return false;
  writeFileSync(path, `${JSON.stringify(goldenOf(definition), null, 2)}\n`);
  return true;
});
console.log(
  added.length === 0 ? 'nothing was missing' : added.map(({ type, version }) => `${type}@${version}`).join('\n'),
);
