/** One rule per wall between the rooms. test/architecture proves that each of them still bites. */
// A file's last name is its role: `messages.ts`, `access.messages.ts`, `users.http.ts`.
const role = (names, context = '[^/]+') => `^src/contexts/${context}(/|/[a-z0-9-]+\\.)(${names})\\.ts$`;
const MESSAGES = role('messages');
// `lookups.ts` is what a context answers to the others: facts read from its own streams, never a decision.
const LOOKUPS = role('lookups');
const HTTP = role('http');
// Pure functions over plain values; decision 0020 says why each of them may stand in the kernel.
const KERNEL_IDS = '^src/kernel/ids\\.ts$';
const KERNEL_LIBRARIES = 'node_modules/(zod|uuid|@holiday-jp/holiday_jp)/';

const wall = (name, comment, from, to) => ({ name, severity: 'error', comment, from, to });

module.exports = {
  forbidden: [
    wall(
      'kernel-imports-nothing',
      'The kernel is words, not wiring.',
      { path: '^src/kernel/', pathNot: ['\\.spec\\.ts$', KERNEL_IDS] },
      { path: '.', pathNot: ['^src/kernel/', KERNEL_LIBRARIES] },
    ),
    wall(
      'ids-are-digests',
      'An id that is derived from names needs a digest and nothing else.',
      { path: KERNEL_IDS },
      { path: '.', pathNot: ['^src/kernel/', KERNEL_LIBRARIES, '^(node:)?crypto$'] },
    ),
    wall(
      'decider-is-pure',
      "No input or output, no framework, no other context's decider.",
      { path: role('decider|state|messages|upcasters', '([^/]+)') },
      {
        path: '.',
        pathNot: ['^src/kernel/', MESSAGES, role('decider|state|upcasters', '$1')],
      },
    ),
    wall(
      'contexts-speak-through-messages',
      'A context sees only the messages of another, and the facts it looks up for others.',
      { path: '^src/contexts/([^/]+)/' },
      { path: '^src/contexts/[^/]+/', pathNot: ['^src/contexts/$1/', MESSAGES, LOOKUPS] },
    ),
    wall(
      'pki-knows-no-context',
      'Keys and certificates are a craft of their own.',
      { path: '^src/pki/' },
      { path: '^(src/contexts|workflows|projections)/' },
    ),
    wall(
      'workflow-is-deterministic',
      'Runs in the Temporal sandbox; types may come from anywhere.',
      { path: '^workflows/([^/]+/(workflow|messages)\\.ts|index\\.ts|correlation\\.ts)$' },
      {
        path: '.',
        pathNot: [
          'node_modules/@temporalio/(workflow|common)/',
          '^workflows/[^/]+/(workflow|messages)\\.ts$',
          '^src/kernel/',
        ],
        dependencyTypesNot: ['type-only'],
      },
    ),
    wall(
      'workflows-command-only',
      'A process talks to a context by its commands and messages.',
      { path: '^workflows/', pathNot: '\\.spec\\.ts$' },
      {
        path: '^src/',
        pathNot: ['^src/kernel/', '^src/platform/', '^src/pki/', role('messages|commands|lookups')],
      },
    ),
    wall(
      'projections-read-messages-only',
      'A read model is built from recorded facts alone.',
      { path: '^projections/' },
      {
        path: '^(src|workflows)/',
        pathNot: ['^src/kernel/', '^src/platform/', role('messages|upcasters')],
      },
    ),
    wall(
      'no-decision-from-a-read-model',
      'Only HTTP may read a read model; commands decide from the stream.',
      { path: '^src/', pathNot: [HTTP, '^src/entrypoints/', '\\.spec\\.ts$'] },
      { path: '^projections/' },
    ),
    wall(
      'embedded-knows-no-product',
      'The embedded nodes know protocols, never this product.',
      { path: '^embedded/' },
      { path: '^(src|workflows|projections)/' },
    ),
    wall(
      'only-entrypoints-start-embedded',
      'The product talks to the nodes over their wire protocols.',
      { path: '^(src|workflows|projections)/', pathNot: '^src/entrypoints/' },
      { path: '(^|/)embedded/|@shomei/embedded' },
    ),
    wall(
      'tests-are-not-shipped',
      'What runs in production never imports what tests it.',
      { path: '^(src|workflows|projections|embedded)/', pathNot: '\\.spec\\.ts$' },
      { path: '(^test/|\\.spec\\.ts$)' },
    ),
    wall(
      'event-store-client-behind-one-file',
      'The successor of the client is one file away.',
      { path: '^(src|workflows|projections)/', pathNot: '^src/platform/event-store/' },
      { path: 'node_modules/(@eventstore/db-client|@kurrent/kurrentdb-client)/' },
    ),
    wall('no-circles', 'Two files that need each other are one file or three.', {}, { circular: true }),
  ],
  options: {
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
    // Never `exclude` these: an excluded module takes the edges to it along, and rules fall silent
    // (most packages live under node_modules/<name>/dist).
    doNotFollow: { path: '(node_modules|/dist)/' },
  },
};
