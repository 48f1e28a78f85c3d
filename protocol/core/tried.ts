/** Where what belongs to verification (V1) goes: each input and message to the step that decides about it. */
import type { Context, Job } from './state.ts'
import type { Input } from './input.ts'
import type { Message } from './message.ts'
import type { PeerId } from './ids.ts'
import { onBlame, onProved } from './blamed.ts'
import { onChecked } from './verified.ts'
import { onCommit, onJudged } from './voted.ts'
import { onRecruit, onVoter } from './recruited.ts'
import { onReveal } from './owed.ts'
import { unreachable } from './unreachable.ts'

/** The host has looked at a value, at values that differ, or at evidence. */
export function onVerdict (cx: Context, job: Job, input: Extract<Input, { type: 'checked' | 'judged' | 'proved' }>): void {
  switch (input.type) {
    case 'checked': return onChecked(cx, job, input)
    case 'judged': return onJudged(cx, job, input)
    case 'proved': return onProved(cx, job, input.lie)
    default: return unreachable(input)
  }
}

export function onCourtMessage (cx: Context, job: Job, from: PeerId, message: Extract<Message, { type: 'commit' | 'reveal' | 'recruit' | 'voter' | 'blame' }>): void {
  switch (message.type) {
    case 'commit': return onCommit(cx, job, from, message)
    case 'reveal': return onReveal(cx, job, from, message.path)
    case 'recruit': return onRecruit(cx, job, from, message)
    case 'voter': return onVoter(cx, job, from, message)
    case 'blame': return onBlame(cx, job, from, message)
    default: return unreachable(message)
  }
}
