import type { AnyDefinition } from '../kernel/message.js';
import { everythingDecided } from '../platform/commands/decided-by.js';
import { processSignals, reactionsOf } from './processes.js';
import { projections } from './projections.js';
// Deciders make themselves known where the module that wires them is read.
import './service-module.js';
import { eventDefinitions } from './events.js';

/** Who acts on an event: the subscriptions as they are wired, each by the types that it asks the store for. */
const wakers = [
  // Named only; none of them is run here.
  ...reactionsOf({ stores: {} } as Parameters<typeof reactionsOf>[0]).map(({ name, types }) => ({
    name,
    prefixes: types,
  })),
  ...processSignals.map(({ process, wakes }) => ({
    name: `process ${process}`,
    prefixes: wakes.map(({ type }) => type),
  })),
];
const shown = projections.map(({ name, typePrefixes }) => ({ name, prefixes: typePrefixes }));

type Follower = Readonly<{ name: string; prefixes: readonly string[] }>;

const namesOf = (followers: readonly Follower[], type: string): string =>
  followers
    .filter(({ prefixes }) => prefixes.some((prefix) => type.startsWith(prefix)))
    .map(({ name }) => name)
    .join(', ') || '–';

const lineOf = ({ type, version, personalFields }: AnyDefinition): string =>
  `| \`${type}\` | ${version} | ${namesOf(wakers, type)} | ${namesOf(shown, type)} | ${personalFields.join(', ') || '–'} |`;

const shortOf = ({ type }: AnyDefinition): string => type.split('.').at(-1)!;
const contextOf = ({ type }: AnyDefinition): string => type.split('.', 1)[0]!;

/** Events that the product knows and that no decider names could never come to be. */
export const orphans = (): readonly string[] => {
  const decided = new Set(everythingDecided().flatMap(({ events }) => events.map(({ type }) => type)));
  return eventDefinitions.map(({ type }) => type).filter((type) => !decided.has(type));
};

/** Which events there are, who decides them, whom they wake and where they show; written from the wiring itself. */
export const messagePage = (): string => {
  const sections = everythingDecided()
    .map(({ category, commands, events }) => ({ category, commands, events, context: contextOf(commands[0]!) }))
    .sort((a, b) => (`${a.context} ${a.category}` < `${b.context} ${b.category}` ? -1 : 1))
    .map(({ category, commands, events, context }) =>
      [
        `## ${context}: \`${category}-…\``,
        '',
        `Decided on the commands ${commands.map(shortOf).join(', ')}.`,
        '',
        '| Event | Schema | Wakes | Shown by | Personal |',
        '| --- | --- | --- | --- | --- |',
        ...events.map(lineOf),
        '',
      ].join('\n'),
    );
  return [
    '# Messages',
    '',
    'Written by `npm run messages` from the wiring of the service; not to be edited.',
    '',
    'Each section is one kind of stream: its decider turns commands into these events. An event wakes reactions and',
    'processes, and read models show it; a read model stands here if it asks the store for the event, also where the',
    'event changes none of its rows.',
    '',
    ...sections,
  ].join('\n');
};
