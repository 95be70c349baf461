import { describe, expect, it } from '@jest/globals';
import type { Recorded } from '../event-store/recorded.js';
import { Settling } from './settling.js';

const recorded = (id: string, type = 'a.B') => ({ id, type }) as Recorded;
const followed = (): Settling => {
  const settling = new Settling();
  settling.follow({ name: 'one', typePrefixes: ['a.'] });
  settling.follow({ name: 'two', typePrefixes: ['a.', 'b.'] });
  return settling;
};

describe('settling', () => {
  it('waits for every follower of what was recorded, and for nobody else', () => {
    const settling = followed();
    settling.began();
    settling.appended([recorded('e-1'), recorded('e-2', 'b.C')]);
    settling.ended();
    settling.heard('two', ['e-1', 'e-2']);
    expect(settling.isQuiet).toBe(false);
    settling.heard('one', ['e-1']);
    expect(settling.isQuiet).toBe(true);
  });

  it('knows of what was heard before the append had answered', () => {
    const settling = followed();
    settling.began();
    settling.heard('one', ['e-1']);
    settling.heard('two', ['e-1']);
    settling.appended([recorded('e-1')]);
    settling.ended();
    expect(settling.isQuiet).toBe(true);
  });

  it('keeps nothing in mind of what is over, nor of what others recorded', () => {
    const settling = followed();
    settling.heard('one', ['earlier-1', 'earlier-2']);
    settling.began();
    settling.appended([recorded('e-1')]);
    settling.heard('one', ['e-1', 'of-others']);
    settling.heard('two', ['e-1']);
    settling.ended();
    expect(settling.remembered).toBe(0);
  });

  it('keeps a bounded number in mind where there is never a quiet moment, the newest', () => {
    const settling = followed();
    settling.began();
    for (let batch = 0; batch < 50; batch += 1)
      settling.heard(
        'one',
        Array.from({ length: 500 }, (_, n) => `e-${batch}-${n}`),
      );
    expect(settling.remembered).toBe(10_000);
    settling.heard('two', ['e-49-499']);
    settling.appended([recorded('e-49-499')]);
    settling.ended();
    expect(settling.isQuiet).toBe(true);
  });
});
