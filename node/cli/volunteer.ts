/**
 * The entry of a supervised volunteer process: `join`, told by its supervisor whom to connect to. Nothing
 * else is loaded, since its start is part of a job's start.
 */
import { enableCompileCache } from 'node:module'
import { main } from './main.ts'

enableCompileCache()
await main(['join', '--supervised', ...process.argv.slice(2)])
