import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const why = 'The embedded Temporal node does not implement it (embedded/temporal/DIVERGENCES.md).';

/** Updates, child workflows, external workflows, Nexus, schedules and worker versioning. `patched` is fine. */
const withoutEmbeddedSupport = [
  {
    name: '@temporalio/workflow',
    importNames: [
      'defineUpdate',
      'startChild',
      'executeChild',
      'getExternalWorkflowHandle',
      'createEventGroup',
      'createNexusServiceClient',
      'currentUpdateInfo',
      'defineWorkflowOptions',
      'setDefaultUpdateHandler',
      'setWorkflowOptions',
      'NexusOperationCancellationType',
      'ParentClosePolicy',
      'ChildWorkflowCancellationType',
    ],
    message: why,
  },
  { name: '@temporalio/client', importNames: ['ScheduleClient', 'WithStartWorkflowOperation'], message: why },
  { name: '@temporalio/nexus', message: why },
];

export default tseslint.config(
  { ignores: ['**/dist/', '**/node_modules/', 'data/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  { files: ['**/*.spec.ts', 'test/**/*.ts'], rules: { 'max-lines-per-function': 'off' } },
  {
    // Asynchronous by contract, whether or not the body has anything to wait for.
    files: ['**/workflow.ts', '**/*workflows.ts', '**/activities.ts'],
    rules: { '@typescript-eslint/require-await': 'off' },
  },
  {
    // What the embedded node does not do must not be written: it would fail on the day it first runs.
    files: ['workflows/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', { paths: withoutEmbeddedSupport }],
      'no-restricted-syntax': [
        'error',
        {
          selector: "ImportDeclaration[source.value='@temporalio/workflow'] > ImportNamespaceSpecifier",
          message: 'Name what you import: a namespace import hides what is used.',
        },
      ],
    },
  },
  {
    // Answers are JSON from the wire; what a test expects of them is the check.
    files: ['test/journeys/**/*.ts', 'test/simulation/applications/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
    },
  },
  {
    files: ['**/*.mjs', '**/*.cjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        module: 'writable',
        fetch: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        performance: 'readonly',
        Buffer: 'readonly',
        AbortSignal: 'readonly',
      },
    },
  },
);
