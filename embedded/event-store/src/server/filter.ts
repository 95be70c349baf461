import { setFlagsFromString } from 'node:v8';
import { MAX_FILTER_PREFIXES, MAX_FILTER_TEXT } from '../limits.js';
import type { RecordedEvent } from '../log/event.js';
import { invalid } from '../protocol/refusals.js';
import type { WireExpression, WireFilter } from '../protocol/requests.js';

export type Filter = (event: RecordedEvent) => boolean;

/** V8's linear-time engine: a filter from outside must not be able to hang the node by backtracking. */
setFlagsFromString('--enable-experimental-regexp-engine');
const LINEAR_TIME = 'l';

export const filterOf = (filter: WireFilter | null): Filter | undefined => {
  if (filter === null) return undefined;
  const matches = matcherOf(filter.streamIdentifier ?? filter.eventType);
  return filter.eventType !== null ? (event) => matches(event.type) : (event) => matches(event.stream);
};

const matcherOf = (expression: WireExpression | null): ((text: string) => boolean) => {
  if (expression === null) throw invalid('a filter names a stream or an event type expression');
  const { regex, prefix } = expression;
  if (regex === '' && prefix.length === 0) throw invalid('a filter needs a regular expression or prefixes');
  if (prefix.length > MAX_FILTER_PREFIXES) throw invalid(`a filter may have ${MAX_FILTER_PREFIXES} prefixes`);
  if ([regex, ...prefix].some((text) => text.length > MAX_FILTER_TEXT)) {
    throw invalid(`a filter's texts may have ${MAX_FILTER_TEXT} characters`);
  }
  if (regex === '') return (text) => prefix.some((start) => text.startsWith(start));
  const pattern = compile(regex);
  return (text) => pattern.test(text);
};

const compile = (regex: string): RegExp => {
  try {
    return new RegExp(regex, LINEAR_TIME);
  } catch (error) {
    throw invalid(`this regular expression cannot be used: ${(error as Error).message}`);
  }
};
