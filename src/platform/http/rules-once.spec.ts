import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { getMetadataStorage, validate } from 'class-validator';
import { Given } from './follows.js';
import { gatherRulesOnce } from './rules-once.js';

class Parent {
  @Given() name = '';
}
class Child extends Parent {
  @Given() more = '';
}

const rulesOf = (target: new () => object) =>
  getMetadataStorage().getTargetValidationMetadatas(target, undefined as never, false, false);

describe('the rules of a class', () => {
  it('are gathered once, also by whoever asks for it twice, and those of its ancestors with them', () => {
    const before = rulesOf(Child);
    gatherRulesOnce();
    gatherRulesOnce();
    expect(rulesOf(Child)).toEqual(before);
    expect(rulesOf(Child).map(({ propertyName }) => propertyName)).toEqual(['more', 'name']);
    expect(rulesOf(Child)).toBe(rulesOf(Child));
  });

  it('count when they are added later', async () => {
    expect(await validate(Object.assign(new Child(), { name: 'n', more: 'm' }))).toEqual([]);
    Given()(Parent.prototype, 'late');
    const faults = await validate(Object.assign(new Child(), { name: 'n', more: 'm' }));
    expect(faults.map(({ property }) => property)).toEqual(['late']);
  });
});
