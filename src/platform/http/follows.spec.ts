import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Formed, Given, validation, Written } from './follows.js';
import type { Refused } from './refused.js';

class Sample {
  @Given(2) given!: string;
  @Written(2) written?: string;
  @Formed(/^.*$/u, 'format', 2) formed!: string;
}

const rulesOf = async (body: object): Promise<readonly string[]> => {
  try {
    await validation().transform(body, { type: 'body', metatype: Sample });
    return [];
  } catch (refused) {
    return (refused as Refused).refusal.errors!.map(({ field, rule }) => `${field} ${rule}`);
  }
};

describe('the length of what is given', () => {
  // One character outside the basic plane is two units of a JavaScript string, and one for whoever types it.
  it('is counted in characters as people see them', async () => {
    expect(await rulesOf({ given: '𠮷野', written: '𠮷野', formed: '𠮷野' })).toEqual([]);
    expect(await rulesOf({ given: '𠮷野家', written: '𠮷野家', formed: '𠮷野家' })).toEqual([
      'given maxLength',
      'written maxLength',
      'formed maxLength',
    ]);
  });
});
