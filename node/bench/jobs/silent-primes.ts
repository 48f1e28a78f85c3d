/** The primes as the examples count them, without a word about it: the bench checks them itself. */
export { name, params, prepare, setup, compute, collect } from '../../../examples/primes.ts'
