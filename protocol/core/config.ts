/**
 * Every limit of the protocol, with its unit in its name and its reason beside it. Relations between
 * limits are asserted at the end, so that a test world that shrinks one cannot break another unseen.
 */

export interface Config {
  renewMs: number
  quietTurns: number
  leaseMs: number
  keptMs: number
  claimRepeatMs: number
  heirStepMs: number
  askMs: number
  reserveMs: number
  holdMs: number
  stateMs: number
  biteMsMax: number
  biteMsMin: number
  stealMsMin: number
  trialMsMin: number
  stallMsMin: number
  leafMsMax: number
  coresMax: number
  joinRetryMs: number
  joinSpreadMs: number
  laterMsMax: number
  joinAgainMs: number
  joinTurnMs: number
  idleTurnMs: number
  idleAboveMs: number
  turnMsMax: number
  dhtAskMs: number
  reviveMs: number
  othersMs: number
  copies: number
  heirs: number
  triesMax: number
  jobsMax: number
  linksMax: number
  ledgerMax: number
  failuresMax: number
  stockedMax: number
  rerunsMax: number
  valueInlineBytesMax: number
  holdBatch: number
  queuePerCore: number
  prefetchMs: number
}

export const DEFAULTS: Config = {
  /** h in C5: five peers a coordinator cost it 2.5 small messages a second. DESIGN. */
  renewMs: 2_000,
  /**
   * C5: holders with nothing new to say, which are most, say so after so many turns' time: a coordinator that vanishes is missed after 10 s and replaced within
   * 14, below the 15 that the mesh promises; every third message and fifth event of a large mesh was a renewal or a beat that said nothing.
   */
  quietTurns: 2,
  /** L in C5: three renewals may be lost. DESIGN. */
  leaseMs: 6_000,
  /** C5: long enough for three heirs' turns and a dial, short enough that a lone helper does not wait for L. DESIGN. */
  keptMs: 4_000,
  /** C1. DESIGN. */
  claimRepeatMs: 1_000,
  /** C6: an heir's claim is gossiped in tens of milliseconds on loopback, 300 ms across the world. DESIGN. */
  heirStepMs: 500,
  /** C6: a slow round trip and a retransmission; the 99th percentile of city pairs is 442 ms (WonderNetwork). */
  askMs: 800,
  /** J2: an offer is kept for a dial and a round trip. DESIGN. */
  reserveMs: 2_000,
  /** R2: values wait this long to travel to the heirs together; 10 messages a second at most. A guess. */
  holdMs: 100,
  /** C6: changes of state are published this often at most. A guess. */
  stateMs: 250,
  /** J4. DESIGN. */
  biteMsMax: 30_000,
  /** J4: below this the sandbox's round trip (0.5 ms measured) would show; so late a core may be at the end. A guess. */
  biteMsMin: 20,
  /** J4: stealing pays above 2 x (dial + round trip); 100 ms was measured for a loopback dial. */
  stealMsMin: 200,
  /** C5: so does nothing finished at all in this time: two first bites (J4) or a squatter. A subtree may stall for 60 s (SCENARIOS, S9). A guess. */
  trialMsMin: 30_000,
  /** C5: no finished leaf for this long ends a lease. DESIGN. */
  stallMsMin: 60_000,
  /** C5: a slower peer is believed to be so slow at most, since it may lie. A guess. */
  leafMsMax: 150_000,
  /** K4: cores that one peer's claims of time are believed for; the largest machines have as many threads. A guess. */
  coresMax: 256,
  /** J2: an unanswered join is repeated. Six levels up, down and the answer back take 1.5 s across the world. A guess. */
  joinRetryMs: 3_000,
  /** J2: who hears of a job by gossip, and knows no member it is connected to, asks within this time: a whole mesh must not ask one peer at once. A guess. */
  joinSpreadMs: 5_000,
  /** J2: the longest a busy peer sends a joiner away. A guess. */
  laterMsMax: 2_000,
  /** J2: who was sent to work that is not free any more asks again so soon. A guess: two slow one-way delays. */
  joinAgainMs: 300,
  /** J2: those sent away come back so far apart: 50 questions a second are 1.5 % of a core. A guess. */
  joinTurnMs: 20,
  /** J2: where nothing is free as far as is known, so far apart: whichever of them comes next finds what is lost. A guess. */
  idleTurnMs: 100,
  /** J2: who was told that nothing is free above believes it for so long at most. A guess: half of the longest wait of one who asks alone. */
  idleAboveMs: 1_000,
  /** J2: but nobody waits longer: at the end of a large job, work that was lost should not wait for its turn. A guess. */
  turnMsMax: 30_000,
  /** J1: a root is claimed by a non-member only after so long without any answer: the DHT and L. DESIGN. */
  dhtAskMs: 6_000,
  /** D3: a restored member gives those it knew so long to say that they are members, and claims the root within half of it when none is left. A guess: a slow dial and a round trip. */
  reviveMs: 1_000,
  /** C7: an elected root looks for others so often: five leases, so that a message and a dial are nothing. A guess. */
  othersMs: 30_000,
  /** R2: the coordinator and two heirs. DESIGN. */
  copies: 3,
  /** C6. DESIGN. */
  heirs: 3,
  /** E1: the first peer and two others. DESIGN. */
  triesMax: 3,
  /** Jobs a peer keeps at once; above it the oldest that it only knows of is forgotten (X5). A guess. */
  jobsMax: 256,
  /** Peers remembered at once; above it those not connected that were named first are forgotten. About a megabyte. A guess. */
  linksMax: 4096,
  /** X5: values kept a job beside those of own positions, which F bounds: 256 MiB of the largest. A guess: a table that is handed over has thousands. */
  ledgerMax: 16_384,
  /** X5: paths of a job that are being tried elsewhere; the first that fails everywhere ends the job (E1). A guess. */
  failuresMax: 256,
  /** X5: members that said they hold a job's goods; three heirs are asked for (R5). A guess. */
  stockedMax: 64,
  /** X5: bites run for others at once, beside those a core runs: two of each coordinator in the tail or for E1. A guess. */
  rerunsMax: 16,
  /** A value of this size still fits a gossiped or direct message many times over; larger ones are blocks. */
  valueInlineBytesMax: 16_384,
  /** Values a hold or grant message carries at most: 64 x 16 KiB is below the 4 MiB frame cap. */
  holdBatch: 64,
  /** J4: one bite runs, one waits, so that a core never idles for a round trip. */
  queuePerCore: 2,
  /** J4: the next bite is looked for so long before a core is idle: a question up and down six levels of the world. A guess. */
  prefetchMs: 2_000
}

/** C5: from one turn to the next of a holder with nothing new to say, milliseconds. */
export const quietMs = ({ quietTurns, renewMs }: Config): number => quietTurns * renewMs

/**
 * The defaults with some replaced.
 *
 * @throws Error when the limits contradict each other
 */
export function configure (changes: Partial<Config> = {}): Config {
  const config = { ...DEFAULTS, ...changes }
  const holds = (truth: boolean, what: string): void => {
    if (!truth) throw new Error(`config: ${what}`)
  }
  holds(config.leaseMs >= 2 * config.renewMs, 'a lease must outlive two renewals')
  holds(config.quietTurns >= 1 && quietMs(config) <= config.leaseMs, 'a lease must outlive a quiet turn')
  holds(config.keptMs >= config.askMs + config.heirs * config.heirStepMs, 'a silent child must be kept for every heir\'s turn')
  holds(config.trialMsMin >= config.biteMsMax, 'a trial must outlive two first bites')
  holds(config.copies <= config.heirs + 1, 'more copies than heirs can hold')
  holds(config.stateMs <= config.renewMs, 'states must not be slower than renewals')
  holds(config.biteMsMin <= config.biteMsMax, 'the smallest bite must not exceed the largest')
  holds(config.queuePerCore >= 1, 'a core needs a bite')
  return config
}
