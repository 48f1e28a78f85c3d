/** Squares numbers that come as lines; outputs are gathered in order. */
export const name = 'square'

export function compute (_partition: number, input: string): number {
  return Number(input) ** 2
}
