/** A WebAssembly module whose memory grows by its own code. */

/** (module (memory 1) (func (export "grow") (param i32) (result i32) local.get 0 memory.grow)) */
export const GROWING = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 127, 1, 127, 3, 2, 1, 0, 5, 3, 1, 0, 1, 7, 8, 1, 4, 103, 114, 111, 119, 0, 0, 10, 8, 1, 6, 0, 32, 0, 64, 0, 11)
