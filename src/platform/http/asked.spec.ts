import { Asked } from './asked.js';
import { Refused } from './refused.js';

const KNOWN = ['state', 'kind', 'from'];

const faultsOf = (read: () => unknown): unknown => {
  try {
    read();
  } catch (error) {
    if (error instanceof Refused) return error.refusal.errors;
    throw error;
  }
  return [];
};

describe('what a list is asked for', () => {
  it('takes what was given and leaves out what was not', () => {
    const asked = new Asked({ state: 'sent', from: '2026-07-01T00:00:00+09:00' }, KNOWN);
    const read = { state: asked.oneOf('state', ['sent']), kind: asked.text('kind'), from: asked.moment('from') };
    expect(asked.filters(read)).toEqual({ state: 'sent', from: '2026-06-30T15:00:00.000Z' });
  });

  it('tells every fault at once', () => {
    const asked = new Asked({ state: 'gone', kind: ['a', 'b'], from: '2026-07-01', colour: 'red' }, KNOWN);
    const read = { state: asked.oneOf('state', ['sent']), kind: asked.text('kind'), from: asked.moment('from') };
    expect(faultsOf(() => asked.filters(read))).toEqual([
      { field: 'colour', rule: 'unknownField' },
      { field: 'state', rule: 'oneOf', params: { values: 'sent' } },
      { field: 'kind', rule: 'type' },
      { field: 'from', rule: 'format', params: { format: '2026-07-01T00:00:00+09:00' } },
    ]);
  });

  it.each(['2026-02-30T00:00', 'yesterday', '2026-13-01T00:00:00Z', ''])('takes no moment like %j', (from) => {
    const asked = new Asked({ from }, KNOWN);
    const read = { from: asked.moment('from') };
    expect(faultsOf(() => asked.filters(read))).toHaveLength(1);
  });
});
