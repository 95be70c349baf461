import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ownFolder } from '../../../test/kit/own-folder.js';
import { Keyring } from '../../platform/vault/keyring.js';
import { TicketNumbers } from './numbers.js';

const folder = ownFolder();
const numbersOf = (name: string) => new TicketNumbers(Keyring.open(join(folder, `${name}.json`)));

describe('ticket numbers (EC-25)', () => {
  const numbers = numbersOf('keyring');

  it('lead back to their ticket and to no other', () => {
    for (let count = 0; count < 500; count += 1) {
      const ticketId = randomUUID();
      const number = numbers.numberOf(ticketId);
      expect(number).toMatch(/^[0-9A-Z]{5}(-[0-9A-Z]{5}){3}-[0-9A-Z]{6}$/);
      expect(numbers.ticketIdOf(number)).toBe(ticketId);
    }
  });

  it('share nothing that a neighbour could be guessed from', () => {
    const [one, two] = ['00000000-0000-5000-8000-000000000001', '00000000-0000-5000-8000-000000000002'];
    const [a, b] = [numbers.numberOf(one), numbers.numberOf(two)];
    const same = [...a].filter((character, index) => character === b[index] && character !== '-').length;
    expect(same).toBeLessThan(10);
  });

  it('of another key ring lead nowhere', () => {
    const others = numbersOf('other');
    const found = Array.from({ length: 100 }, randomUUID).map((id) => numbers.ticketIdOf(others.numberOf(id)));
    // Some decipher to something shaped like an id, by chance; none to the ticket.
    expect(found.filter((id) => id !== null).length).toBeLessThan(60);
  });

  it.each([
    '',
    'ABCDE',
    '00000-00000-00000-00000-00000',
    'IIIII-IIIII-IIIII-IIIII-IIIIII',
    'ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZZ',
  ])('%j is none', (text) => expect(numbers.ticketIdOf(text)).toBeNull());

  it('are written as printed: no small letters, no other grouping', () => {
    const number = numbers.numberOf(randomUUID());
    expect(numbers.ticketIdOf(number.toLowerCase() === number ? 'x' : number.toLowerCase())).toBeNull();
    expect(numbers.ticketIdOf(number.replaceAll('-', ''))).toBeNull();
  });

  it('are masked to their last four letters', () => {
    const ticketId = randomUUID();
    expect(numbers.maskedOf(ticketId)).toBe(`…${numbers.numberOf(ticketId).slice(-4)}`);
  });
});
