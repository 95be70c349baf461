/** Prints what was skipped by name, and as the very last line a count that people and CI both read. */
export default class ClosingLineReporter {
  onRunComplete(_contexts, results) {
    const skipped = results.testResults.flatMap((file) => file.testResults.filter((test) => test.status === 'pending'));
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    // Jest's own summary comes after every reporter; only leaving the process comes later.
    process.once('exit', () => {
      for (const test of skipped) console.log(`skipped: ${test.fullName}`);
      console.log(`${results.numPassedTests} passed, ${failed} failed, ${skipped.length} skipped`);
    });
  }
}
