/**
 * What one remote peer may ask of this one, whoever it is (X1 to X4): every limit in one place, beside its reason. An
 * honest peer stays below all of them, also when a thousand volunteers arrive at once behind one address; what is over
 * is dropped and counted, and who goes on is cut off and kept out for a while. Sizes of single messages stand in
 * network.ts and wire/tables.ts, what the core remembers in core/config.ts.
 */
import type { MessageType } from '../core/message.ts'

/** A token bucket: `burst` at once, then `perSecond`. */
export interface Rate { burst: number, perSecond: number }

/** Messages of one connected peer by what they cost here; each class has its own bucket (X2). */
export const MESSAGE_RATES = {
  /** A whole answer is made for each: an observer asks a peer about once a second, a control page a few times. A guess. */
  query: { burst: 400, perSecond: 20 },
  /** Answers of others and jobs they know: one on connecting, one for each message of a job that is over. A guess. */
  news: { burst: 400, perSecond: 50 },
  /** A child passes up the questions of all joiners below it: a thousand that arrive at once, then 50 turns a second (J2). */
  join: { burst: 2_000, perSecond: 500 },
  /** A claim is repeated once a second (C1), an election asks three witnesses (C6); a peer that takes over 128 children hears from all. A guess. */
  authority: { burst: 500, perSecond: 100 },
  /** A peer renews each of its few positions every 2 s and tells a state four times a second at most (C5, C6). A guess. */
  renewal: { burst: 500, perSecond: 100 },
  /** A bite takes 20 ms of a core at least (J4): 128 cores make 6,400 a second, which a coordinator passes on in batches. */
  value: { burst: 20_000, perSecond: 10_000 },
  /** Once a path, and a job that fails everywhere fails in moments (E1). A guess. */
  failure: { burst: 200, perSecond: 20 },
  /** Once a job (C8, R5), and a peer keeps 256 jobs. */
  once: { burst: 512, perSecond: 5 }
} satisfies Record<string, Rate>

/**
 * A peer sends others this share of what they would take at most: what strangers make it pass on (joins, their answers,
 * values for a child) must not cost it its neighbours. What is above it is dropped here.
 */
export const SENT_SHARE = 0.8

export type MessageClass = keyof typeof MESSAGE_RATES

const CLASSES: Partial<Record<MessageType, MessageClass>> = {
  query: 'query',
  jobs: 'news', report: 'news',
  join: 'join', offer: 'join', rerun: 'join', recruit: 'join', later: 'join',
  claim: 'authority', grant: 'authority', refused: 'authority', stale: 'authority', ask: 'authority', heard: 'authority',
  renew: 'renewal', state: 'renewal', beat: 'renewal',
  value: 'value', commit: 'value', reveal: 'value', hold: 'value', held: 'value', accepted: 'value', released: 'value', ended: 'value',
  failed: 'failure', blame: 'failure',
  leave: 'once', stocked: 'once'
}

/** The class of a message; a type that nobody has placed is rare, or it would have been. */
export const classOf = (type: MessageType): MessageClass => CLASSES[type] ?? 'authority'

/** Bytes of direct messages of one peer. Above it its streams are paused, not dropped: a table that is handed over (C7) only takes longer. A guess: half a gigabit. */
export const DIRECT_BYTES: Rate = { burst: 64 * 2 ** 20, perSecond: 64 * 2 ** 20 }

/** Published by one signer: a state of each of a few positions four times a second (C6). A guess. */
export const SIGNED_RATE: Rate = { burst: 200, perSecond: 40 }
/** Taken and passed on in all, from whomever: each costs half a millisecond, so this is 40 % of a core. */
export const GOSSIP_RATE: Rate = { burst: 3_000, perSecond: 800 }
/** Passed on by one neighbour, from all signers: more than an honest one takes itself. */
export const PASSED_RATE: Rate = { burst: 5_000, perSecond: 1_200 }
/** Peers whose rates are remembered, at least all that may be connected. */
export const METERS_KEPT = 1_024
/** Signers whose rate is remembered; the one heard least recently is forgotten first. About a megabyte. */
export const SIGNERS_KEPT = 4_096

/** Requests for blocks of one peer; each may name 128 blocks. A guess. */
export const REQUEST_RATE: Rate = { burst: 500, perSecond: 100 }
/** Of these, served at once: a slow reader must not hold all places (libp2p-network.ts). */
export const SERVED_EACH_MAX = 4

/** Strikes: what no honest peer sends. A few are forgiven (a version apart, a bug), more cost the connection (X3). A guess. */
export const STRIKES_MAX = 8
/** They are forgotten at this rate, so that a rare mistake of a long-lived neighbour never adds up. A guess. */
export const FORGIVEN_PER_SECOND = STRIKES_MAX / 600
/** What is over a limit is a small part of a strike: an honest peer may be over for a moment. Some hundreds in a row end the connection. */
export const OVER_WEIGHT = 1 / 64

/** How long who was cut off is kept out, the first time and at most; it doubles each time (X3). Short, because honest peers with a bug are people too. Guesses. */
export const OUTCAST_MS_MIN = 60_000
export const OUTCAST_MS_MAX = 3_600_000
/** Peers whose strikes are remembered; keys are free, so this is a bound on memory and no more. */
export const RECORDS_KEPT = 4_096

/** Connections of one peer: it may have dialled while it was dialled, met by a relay first, and left a dead one behind. */
export const CONNECTIONS_EACH_MAX = 4
/** Connections that may be open for the moment it takes to see who it is and to let another go (X4). A guess. */
export const ARRIVING_MAX = 32
/** A new connection is left alone for so long: whoever asks for work is answered first. As in the simulator. */
export const GRACE_MS = 2_000
/** Streams that one connection may have opened here at once: 32 of the DHT, 16 pings, 8 for blocks, 4 direct, gossip, identify. */
export const INBOUND_STREAMS_MAX = 128

/** Topics of one gossip neighbour, in the library's way of counting bytes (about 1 KiB each): a peer in 256 jobs listens to three or four of each. */
export const TOPIC_BYTES_EACH = 1024 * 1024
/** Parts of one gossip frame of 65 KiB that cost more than their bytes. */
export const GOSSIP_PARTS = {
  maxSubscriptions: 5_000, maxMessages: 512, maxControlMessages: 1_024, maxIhaveMessageIDs: 5_000, maxIwantMessageIDs: 5_000, maxIdontwantMessageIDs: 512, maxPeerInfos: 16
}

/** Records of libp2p in memory: what it knows of peers it met, and the DHT's providers. The oldest go first. About 30 MB. A guess. */
export const RECORDS_MAX = 16_384
