/** Adds squares, each a few milliseconds' work: long enough that every volunteer gets some. */
export const partitions = 800
export const fanout = 4
export const grain = 8

export function compute (partition: number): number {
  let spin = 0
  for (let i = 0; i < 200_000; i++) spin = (spin + i) % 1000
  return partition * partition + (spin < 0 ? 1 : 0)
}

export const collect = (sums: number[]): number => sums.reduce((sum, next) => sum + next, 0)
