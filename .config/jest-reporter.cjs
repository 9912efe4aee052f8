// Ends a run with one line that people and machines can read: `N passed, N failed`.
module.exports = class ClosingLine {
  onRunComplete(_contexts, results) {
    const passed = results.numPassedTests;
    // A file that does not even load has failed as well, though none of its tests ran.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    this.empty = passed + failed === 0;
    // At exit, because Jest's own summary comes after every reporter.
    process.once('exit', () => {
      if (this.empty) console.log('No test was executed.');
      console.log(`${passed} passed, ${failed} failed`);
    });
  }

  /** Jest fails the run when a reporter has an error. */
  getLastError() {
    return this.empty ? new Error('No test was executed.') : undefined;
  }
};
