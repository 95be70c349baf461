import { SearchAttributeTypes, mergeFields, searchValues } from './search-attributes.js';

const json = (value: unknown) => ({ data: Buffer.from(JSON.stringify(value)) });

test.each([
  ['Keyword', 'red', ['red']],
  ['Keyword', ['red'], ['red']],
  ['KeywordList', ['a', 'b', 'a'], ['a', 'b']],
  ['Int', 7, [7]],
  ['Bool', true, [1]],
  ['Datetime', '1970-01-01T00:00:01Z', [1000]],
  ['Keyword', null, []],
  ['KeywordList', [], []],
] as const)('a %s of %j is indexed as %j', (type, value, indexed) => {
  expect(searchValues('Name', type, json(value))).toEqual(indexed);
});

test.each([
  ['Int', 'seven'],
  ['Int', 7.5],
  ['Keyword', 7],
  ['Keyword', ['a', 'b']],
  ['Datetime', 'yesterday'],
  ['Bool', 'true'],
] as const)('a %s cannot be %j', (type, value) => {
  expect(() => searchValues('Name', type, json(value))).toThrow(`invalid value for search attribute Name`);
});

test('a copy carries its type; what nobody registered is refused', () => {
  const types = new SearchAttributeTypes({ Colour: 'Keyword' });
  const typed = types.typed({ Colour: json('red') }, 1000);
  expect(Buffer.from(typed['Colour']?.metadata?.['type'] ?? []).toString()).toBe('Keyword');
  expect(() => types.typed({ Taste: json('sour') }, 1000)).toThrow('no mapping defined for search attribute Taste');
});

test('the limit counts names, values and what is said of them', () => {
  const types = new SearchAttributeTypes({ Colour: 'Keyword' });
  const bytes = 'Colour'.length + '"red"'.length;
  expect(() => types.typed({ Colour: json('red') }, bytes)).not.toThrow();
  expect(() => types.typed({ Colour: json('red') }, bytes - 1)).toThrow('limit');
  const wordy = { ...json('red'), metadata: { note: Buffer.alloc(10) } };
  expect(() => types.typed({ Colour: wordy }, bytes + 14)).not.toThrow();
  expect(() => types.typed({ Colour: wordy }, bytes + 13)).toThrow('limit');
});

test('a type is never changed', () => {
  const types = new SearchAttributeTypes({ Colour: 'Keyword' });
  expect(() => types.register('Colour', 'Int')).toThrow('exists with type Keyword');
});

test('an upsert replaces, adds, and removes what it empties', () => {
  const before = { a: json(1), b: json(2), c: json(3) };
  expect(Object.keys(mergeFields(before, { a: json(null), b: json(4), d: json(5) }))).toEqual(['b', 'c', 'd']);
});
