/**
 * Mocha's spec reporter that also tells the runner (test.ts) its counts, so that the groups can be summed.
 * Run on its own it prints like `spec`. Never decides whether a run passed.
 */
import Mocha from 'mocha'

/** What the runner receives when a group has ended. */
export interface Counts { passed: number, failed: number }

export default class CountingReporter extends Mocha.reporters.Spec {
  constructor (runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options)
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const counts: Counts = { passed: this.stats.passes, failed: this.stats.failures }
      process.send?.(counts)
    })
  }
}
