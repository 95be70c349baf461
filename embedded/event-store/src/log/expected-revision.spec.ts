import { judge, NO_EVENTS, type Expected, type StreamPast, type Verdict } from './expected-revision.js';

const id = (name: string): Uint8Array => Buffer.from(name.padEnd(16, '.'));

/** A stream whose events have these ids, in order. */
const streamOf = (...names: string[]): StreamPast => ({
  last: names.length - 1,
  revisionOf: (eventId) => {
    const revision = names.findLastIndex((name) => Buffer.compare(id(name), eventId) === 0);
    return revision < 0 ? undefined : revision;
  },
  eventIdAt: (revision) => (names[revision] === undefined ? undefined : id(names[revision])),
});

const append: Verdict = { kind: 'append' };
const conflict: Verdict = { kind: 'conflict' };
const recorded = (lastRevision: number): Verdict => ({ kind: 'recorded', lastRevision });

describe('what an append expects of its stream', () => {
  it.each<[string, Expected, string[], string[], Verdict]>([
    ['any, on an empty stream', 'any', ['a'], [], append],
    ['any, on a stream with other events', 'any', ['c'], ['a', 'b'], append],
    ['no stream, on an empty one', 'noStream', ['a'], [], append],
    ['no stream, on one with events', 'noStream', ['c'], ['a'], conflict],
    ['stream exists, on an empty one', 'streamExists', ['a'], [], conflict],
    ['stream exists, on one with events', 'streamExists', ['b'], ['a'], append],
    ['the last revision', 1, ['c'], ['a', 'b'], append],
    ['one revision too few', 0, ['c'], ['a', 'b'], conflict],
    ['one revision too many', 2, ['c'], ['a', 'b'], conflict],
    ['the first revision of an empty stream', 0, ['a'], [], conflict],
  ])('%s', (_title, expected, events, stream, verdict) => {
    expect(judge(expected, events.map(id), streamOf(...stream))).toEqual(verdict);
  });
});

describe('an append that comes again', () => {
  it.each<[string, Expected, string[], string[], Verdict]>([
    ['any, the last events', 'any', ['b', 'c'], ['a', 'b', 'c'], recorded(2)],
    ['any, earlier events', 'any', ['a', 'b'], ['a', 'b', 'c'], recorded(1)],
    ['stream exists', 'streamExists', ['a'], ['a', 'b'], recorded(0)],
    ['no stream', 'noStream', ['a', 'b'], ['a', 'b', 'c'], recorded(1)],
    ['the revision before it', 0, ['b'], ['a', 'b', 'c'], recorded(1)],
    ['any, only its first event recorded', 'any', ['c', 'd'], ['a', 'b', 'c'], conflict],
    ['any, only its second event recorded, is new', 'any', ['d', 'c'], ['a', 'b', 'c'], append],
    ['a revision, only its first event recorded', 0, ['b', 'c'], ['a', 'b'], conflict],
    ['a revision, the same events elsewhere', 1, ['a'], ['a', 'b', 'c'], conflict],
  ])('%s', (_title, expected, events, stream, verdict) => {
    expect(judge(expected, events.map(id), streamOf(...stream))).toEqual(verdict);
  });
});

describe('an append of nothing', () => {
  it.each<[Expected, string[], Verdict]>([
    ['any', [], append],
    ['any', ['a'], append],
    [NO_EVENTS, ['a'], conflict],
    [0, ['a'], append],
  ])('expecting %s of a stream with %j', (expected, stream, verdict) => {
    expect(judge(expected, [], streamOf(...stream))).toEqual(verdict);
  });
});
