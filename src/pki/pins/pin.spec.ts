import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { Pin } from './pin.js';

describe('the PIN (EC-51)', () => {
  it.each(['Abcd1234Efgh', 'abcdefghijkl', 'ABCDEFGHIJKL', '123456789012'])('%s is one', (text) =>
    expect(Pin.parse(text)).toBeDefined(),
  );

  it.each(['', 'Abcd1234Efg', 'Abcd1234Efghi', 'Abcd1234Efg!', 'Abcd1234Efg ', 'Ａbcd1234Efgh', 'Abcd1234Efgh\n'])(
    '%j is none',
    (text) => expect(Pin.parse(text)).toBeUndefined(),
  );

  it('is lent as bytes, case kept', () => {
    expect(Pin.parse('Abcd1234Efgh')?.read((bytes) => bytes.toString())).toBe('Abcd1234Efgh');
  });

  it('shows itself to nobody', () => {
    const pin = Pin.parse('Abcd1234Efgh');
    const shown = [String(pin), JSON.stringify({ pin }), inspect(pin, { showHidden: true, depth: 9 }), inspect([pin])];
    for (const text of [...shown, new Error(`with ${String(pin)}`).message]) expect(text).not.toMatch(/Abcd|41, ?62/);
  });

  it('is zeroed when it is forgotten, and lent no more', () => {
    const pin = Pin.parse('Abcd1234Efgh')!;
    const bytes = pin.read((lent) => lent);
    pin.forget();
    expect(bytes.every((byte) => byte === 0)).toBe(true);
    expect(() => pin.read(() => 0)).toThrow('forgotten');
  });
});
