import { activityTransitions } from './activity-state.js';
import { step, type Transitions } from './state-machine.js';
import { timerTransitions } from './timer-state.js';
import { workflowTaskTransitions } from './workflow-task-state.js';

const tables: [string, Transitions<string, string>, string][] = [
  ['workflow task', workflowTaskTransitions, 'none'],
  ['activity', activityTransitions, 'scheduled'],
  ['timer', timerTransitions, 'running'],
];

describe.each(tables)('the table of the %s', (_, table, first) => {
  test('leads to known states only', () => {
    const states = Object.keys(table);
    for (const row of Object.values(table)) for (const to of Object.values(row)) expect(states).toContain(to);
  });

  test('reaches every state', () => {
    const reached = new Set([first]);
    for (const from of reached) for (const to of Object.values(table[from] ?? {})) if (to) reached.add(to);
    expect([...reached].toSorted()).toEqual(Object.keys(table).toSorted());
  });
});

test('a step that is not in the table is a defect', () => {
  expect(step(timerTransitions, 'running', 'fire')).toBe('closed');
  expect(() => step(timerTransitions, 'closed', 'fire')).toThrow('"fire" cannot happen in state "closed"');
});
