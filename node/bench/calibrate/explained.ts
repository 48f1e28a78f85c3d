/** Differences between real and simulated peers whose cause is known, by measure: printed beside those that are beyond the tolerance. */
export const EXPLAINED: Record<string, string> = {}
