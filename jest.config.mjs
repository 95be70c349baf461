export default {
  testEnvironment: '<rootDir>/test/kit/environment.mjs',
  roots: ['<rootDir>/src', '<rootDir>/projections', '<rootDir>/workflows', '<rootDir>/embedded', '<rootDir>/test'],
  testMatch: ['**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['<rootDir>/.*/dist/package.json'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        sourceMaps: 'inline',
        module: { type: 'es6' },
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          keepClassNames: true,
        },
      },
    ],
  },
  // Suites start real nodes; two at a time and a bounded heap keep a two-core machine honest.
  maxWorkers: 2,
  workerIdleMemoryLimit: '700MB',
  testTimeout: 30_000,
  reporters: ['default', '<rootDir>/test/kit/results-reporter.mjs', '<rootDir>/test/kit/closing-line-reporter.mjs'],
};
