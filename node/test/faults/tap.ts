/**
 * A network interface of the kernel whose cable ends in this process (tun(4), TAP): what the kernel sends comes here as
 * Ethernet frames, what is written here the kernel receives. Node has no call for it, so libc's ioctl is called through
 * node:ffi. Test helper; Linux, and root in its namespace.
 */
import { closeSync, constants, openSync, read, writeSync } from 'node:fs'

/** TUNSETIFF, and the flags IFF_TAP | IFF_NO_PI of struct ifreq, from linux/if_tun.h. */
const TUNSETIFF = 0x400454can
const TAP_NO_INFO = 0x1002
const IFREQ_BYTES = 40
const FLAGS_AT = 16
/** A frame of an interface with the usual MTU of 1,500. */
const FRAME_BYTES_MAX = 2_048

export class Tap {
  readonly #fd: number
  #isClosed = false

  /** @throws Error where this process may not make interfaces */
  constructor (name: string) {
    const { functions } = process.getBuiltinModule('node:ffi').dlopen(null, { ioctl: { arguments: ['i32', 'u64', 'pointer'], return: 'i32' } })
    this.#fd = openSync('/dev/net/tun', constants.O_RDWR)
    const request = Buffer.alloc(IFREQ_BYTES)
    request.write(name)
    request.writeUInt16LE(TAP_NO_INFO, FLAGS_AT)
    if (functions.ioctl(this.#fd, TUNSETIFF, request) !== 0) throw new Error(`cannot make interface ${name}`)
  }

  /** Frames one after the other, until it is closed. */
  onFrame (listener: (frame: Buffer) => void): void {
    const next = (): void => {
      const buffer = Buffer.allocUnsafe(FRAME_BYTES_MAX)
      read(this.#fd, buffer, 0, buffer.length, null, (error, length) => {
        if (this.#isClosed) return
        // The interface may be down for a moment, while it is moved.
        if (error !== null) return void setTimeout(next, 50)
        listener(buffer.subarray(0, length))
        next()
      })
    }
    next()
  }

  write (frame: Buffer): void {
    try {
      if (!this.#isClosed) writeSync(this.#fd, frame)
    } catch { /* it is down, and a frame is lost, as on any cable */ }
  }

  close (): void {
    this.#isClosed = true
    closeSync(this.#fd)
  }
}
