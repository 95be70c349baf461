import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { eventDefinitions, eventUpcasters } from '../../src/entrypoints/events.js';
import { message, upcaster } from '../../src/kernel/message.js';
import { count, oneOf, personal, text } from '../../src/kernel/schema.js';
import { type Golden, goldenFault, goldenOf, goldenPath } from '../../src/platform/event-store/golden.js';

const FOLDER = 'test/golden/events';
const definitions = new Map<string, (typeof eventDefinitions)[number]>(
  eventDefinitions.map((definition) => [definition.type, definition]),
);

describe('events that lie in stores', () => {
  it.each(eventDefinitions.map((definition) => [`${definition.type}@${definition.version}`, definition] as const))(
    '%s has a recorded one (npm run golden adds what is missing)',
    (_, definition) => expect(existsSync(goldenPath(definition))).toBe(true),
  );

  it.each(readdirSync(FOLDER).filter((file) => file.endsWith('.json')))('%s is still read', (file) => {
    const golden = JSON.parse(readFileSync(`${FOLDER}/${file}`, 'utf8')) as Golden;
    expect(file).toBe(`${golden.type}@${golden.schema}.json`);
    expect(goldenFault(golden, definitions.get(golden.type), eventUpcasters)).toBeNull();
  });
});

describe('what would go unread is noticed', () => {
  const shape = { id: text(), name: personal(text()), kind: oneOf(['a', 'b']) };
  const golden = JSON.parse(JSON.stringify(goldenOf(message('probe.Done', shape)))) as Golden;

  it('and what is not changed, is not', () => expect(goldenFault(golden, message('probe.Done', shape))).toBeNull());

  it.each([
    ['an event that nobody knows', undefined, 'nobody knows it'],
    ['a field more', message('probe.Done', { ...shape, more: count() }), 'changed its shape'],
    ['a field more that may be missing', message('probe.Done', { ...shape, more: count().optional() }), 'changed its shape'],
    ['a field less', message('probe.Done', { id: text(), name: personal(text()) }), 'changed its shape'],
    ['a value less', message('probe.Done', { ...shape, kind: oneOf(['a']) }), 'changed its shape'],
    ['another mark', message('probe.Done', { ...shape, id: personal(text()) }), 'changed its shape'],
    ['a raised schema without an upcaster', message('probe.Done', shape, 2), 'has no upcaster'],
  ])('%s', (_, definition, fault) => expect(goldenFault(golden, definition)).toContain(fault));

  it('and where each step to the newest schema is there and fits, all is well', () => {
    const newest = message('probe.Done', { ...shape, more: count(), last: text() }, 3);
    const first = upcaster(newest, 1, (data) => ({ ...data, more: 0 }));
    const second = upcaster(newest, 2, (data) => ({ ...data, last: '' }));
    expect(goldenFault(golden, newest, [second, first])).toBeNull();
    expect(goldenFault(golden, newest, [first])).toContain('probe.Done@2 has no upcaster');
    expect(goldenFault(golden, newest, [upcaster(newest, 1, (data) => data), second])).toContain('breaks its schema');
    expect(goldenFault({ ...golden, schema: 4 }, newest, [first, second])).toContain('newer');
  });

  it('a recorded event that was edited', () =>
    expect(goldenFault({ ...golden, data: { id: 1 } }, message('probe.Done', shape))).toContain('breaks its schema'));
});
