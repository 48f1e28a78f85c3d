/** Does everybody in this world do what its core decides? */
import type { Plan } from '../scenarios/plan.ts'

export const isHonest = ({ populations }: Plan): boolean => populations.every(({ adversary }) => adversary === undefined)
