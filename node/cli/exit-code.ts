/** What a command leaves the process with: 0 done, 1 failed, 2 bad usage, 3 and 4 safety and liveness of a simulated world, 130 interrupted. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 130
