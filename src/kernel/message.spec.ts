import { describe, expect, it } from '@jest/globals';
import { assertWellFormed, message, type MessageOf } from './message.js';
import { count, instant, personal, text } from './schema.js';

const noted = message('test.Noted', { name: personal(text()), times: count(), at: instant() });
const data = { name: 'Sample User', times: 2, at: '2026-07-01T00:00:00.000Z' };

describe('a message definition', () => {
  it('makes the message', () => {
    const made: MessageOf<typeof noted> = noted(data);
    expect(made).toEqual({ type: 'test.Noted', data });
  });

  it('knows its personal fields', () => expect(noted.personalFields).toEqual(['name']));

  it.each([
    ['a missing field', { name: 'x', times: 1 }, 'at'],
    ['a wrong type', { ...data, times: '2' }, 'times'],
    ['a local time', { ...data, at: '2026-07-01' }, 'at'],
    ['a field nobody described', { ...data, password: 'hunter2#A' }, 'password'],
  ])('refuses %s, naming it and never showing the value', (_, wrong, field) => {
    const check = () => assertWellFormed(noted, wrong);
    expect(check).toThrow(`test.Noted breaks its schema`);
    expect(check).toThrow(field);
    expect(check).not.toThrow('hunter2');
  });
});
