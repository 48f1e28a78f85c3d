/** The rules that a visitor typed, as the peer takes them. Pure. */
import { isPeerId, readRule } from '../../protocol/host/acceptance.ts'
import type { Acceptance } from '../../protocol/host/acceptance.ts'
import type { PeerId } from '../../protocol/core/ids.ts'
import type { Settings } from './settings.ts'

const partsOf = (text: string): string[] => text.split(',').map((part) => part.trim()).filter((part) => part !== '')

const peersOf = (text: string): string[] => text.split(/[\s,]+/).filter((peer) => peer !== '')

/** Which jobs are worked for. */
export function chosen ({ onlyFrom, accept }: Pick<Settings, 'onlyFrom' | 'accept'>): Acceptance {
  return {
    submitters: peersOf(onlyFrom) as PeerId[],
    rules: partsOf(accept).flatMap((part) => readRule(part) ?? [])
  }
}

/** What is no rule. */
export const unreadable = (accept: string): string[] => partsOf(accept).filter((part) => readRule(part) === null)

/** What is no peer's id. It stays in force: who meant one friend and slipped works for nobody, and not for everybody. */
export const strange = (onlyFrom: string): string[] => peersOf(onlyFrom).filter((peer) => !isPeerId(peer))
