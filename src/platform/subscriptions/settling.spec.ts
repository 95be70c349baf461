import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { Recorded } from '../event-store/recorded.js';
import { Settling } from './settling.js';

const recorded = (type: string): Recorded => ({ type, id: randomUUID() }) as unknown as Recorded;
const settling = (): Settling => {
  const made = new Settling();
  made.follow({ name: 'rows', typePrefixes: ['portal.'] });
  made.follow({ name: 'mails', typePrefixes: ['portal.Case'] });
  return made;
};
/** How many ids are remembered, wherever. */
const sizeOf = (value: unknown): number => {
  const { sinks, waiting } = value as { sinks: Map<string, Set<string>>; waiting: Map<string, unknown> };
  return waiting.size + [...sinks.values()].reduce((sum, { size }) => sum + size, 0);
};

describe('settling', () => {
  it('waits for everybody who follows, and for nobody else', () => {
    const all = settling();
    const [opened, closed] = [recorded('portal.Opened'), recorded('portal.CaseClosed')];
    all.appended([opened, closed]);
    all.heard('rows', [opened.id, closed.id]);
    expect(all.isQuiet).toBe(false);
    all.heard('mails', [closed.id]);
    expect(all.isQuiet).toBe(true);
  });

  it('knows what was heard before the append had answered', () => {
    const all = settling();
    const opened = recorded('portal.Opened');
    all.heard('rows', [opened.id]);
    all.appended([opened]);
    expect(all.isQuiet).toBe(true);
  });

  it('keeps nothing of what everybody has heard', () => {
    const all = settling();
    for (let n = 0; n < 100; n += 1) {
      const closed = recorded('portal.CaseClosed');
      all.appended([closed]);
      all.heard('rows', [closed.id]);
      all.heard('mails', [closed.id]);
    }
    expect(sizeOf(all)).toBe(0);
  });

  it('keeps little of what somebody else recorded, and still all that is waited for', () => {
    const all = settling();
    const closed = recorded('portal.CaseClosed');
    all.appended([closed]);
    all.heard('rows', [closed.id]);
    for (let n = 0; n < 12_000; n += 1) all.heard('rows', [randomUUID()]);
    expect(sizeOf(all)).toBeLessThanOrEqual(10_001);
    all.heard('mails', [closed.id]);
    expect(all.isQuiet).toBe(true);
  });
});
