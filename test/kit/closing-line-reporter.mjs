/** Prints what was skipped by name, then one closing line that people and CI both read. */
export default class ClosingLineReporter {
  onRunComplete(_contexts, results) {
    const skipped = results.testResults.flatMap((file) =>
      file.testResults.filter((test) => test.status === 'pending').map((test) => test.fullName),
    );
    for (const name of skipped) console.log(`skipped: ${name}`);
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    console.log(`${results.numPassedTests} passed, ${failed} failed, ${skipped.length} skipped`);
  }
}
