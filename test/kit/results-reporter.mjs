import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';

export const RESULTS = '.cache/test-results.json';

/** Remembers the last result of every suite, so that `npm run requirements` can join runs of single suites. */
export default class ResultsReporter {
  onRunComplete(_contexts, { testResults }) {
    const suites = readKnown();
    for (const { testFilePath, testResults: tests } of testResults) {
      suites[relative(process.cwd(), testFilePath)] = {
        at: new Date().toISOString(),
        tests: tests.map(({ title, status }) => ({ title, status })),
      };
    }
    mkdirSync(dirname(RESULTS), { recursive: true });
    writeFileSync(RESULTS, JSON.stringify(suites));
  }
}

const readKnown = () => {
  try {
    return JSON.parse(readFileSync(RESULTS, 'utf8'));
  } catch {
    return {};
  }
};
