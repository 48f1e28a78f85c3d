/**
 * How many trees can be seen from the corner of a square orchard: those at (a, b), 1 ≤ a, b ≤ `side`, that stand behind no
 * other, gcd(a, b) = 1 (OEIS A018805). A partition is a row. Where a volunteer has WebGPU, Euclid's algorithm runs on it,
 * a row an invocation; elsewhere in JavaScript. Integers only, so both give the same.
 */
import type { Ctx, LogCtx, LogEvent } from 'millionfold'
import { known, number } from './report.ts'

export const name = 'orchard'
/** Asks for `ctx.gpu`. */
export const gpu = true
/** Rows that a GPU takes at once. */
export const grain = 256

export interface Params {
  /** Trees in a row, at most 65,535. */
  side: number
  /** Fail rather than compute without WebGPU. */
  onlyGpu: boolean
}

export const params: Params = { side: 10_000, onlyGpu: false }

export function prepare ({ side }: Params): number {
  if (!Number.isInteger(side) || side < 1 || side > 65_535) throw new Error(`side must be a whole number from 1 to 65535, not ${side}`)
  return side
}

const GROUP = 64

const SHADER = `
struct Rows { first: u32, count: u32, side: u32 }
@group(0) @binding(0) var<uniform> rows: Rows;
@group(0) @binding(1) var<storage, read_write> seen: array<u32>;

@compute @workgroup_size(${GROUP})
fn main (@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= rows.count) { return; }
  var trees = 0u;
  for (var column = 1u; column <= rows.side; column++) {
    var a = rows.first + id.x;
    var b = column;
    while (b != 0u) {
      let rest = a % b;
      a = b;
      b = rest;
    }
    trees += select(0u, 1u, a == 1u);
  }
  seen[id.x] = trees;
}`

/** A device and what runs on it. */
export interface Machine { device: GPUDevice, pipeline: GPUComputePipeline }

/** Null where there is no WebGPU. */
export async function setup ({ onlyGpu }: Params, ctx: Ctx<Params, undefined>): Promise<Machine | null> {
  const adapter = await ctx.gpu?.requestAdapter() ?? null
  if (adapter === null) {
    if (onlyGpu) throw new Error('there is no WebGPU here')
    return null
  }
  const device = await adapter.requestDevice()
  const module = device.createShaderModule({ code: SHADER })
  return { device, pipeline: await device.createComputePipelineAsync({ layout: 'auto', compute: { module } }) }
}

/** Trees seen in rows `from` + 1 to `to`. */
export async function computeRange (from: number, to: number, ctx: Ctx<Params, Machine | null>): Promise<number> {
  const { side } = ctx.params
  const counts = ctx.resources === null ? rowsBySteps(from + 1, to - from, side) : await rowsByGpu(ctx.resources, from + 1, to - from, side)
  return counts.reduce((sum, count) => sum + count, 0)
}

async function rowsByGpu ({ device, pipeline }: Machine, first: number, count: number, side: number): Promise<Uint32Array> {
  const bytes = count * Uint32Array.BYTES_PER_ELEMENT
  const rows = device.createBuffer({ size: 16, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST })
  const seen = device.createBuffer({ size: bytes, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC })
  const read = device.createBuffer({ size: bytes, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST })
  try {
    device.queue.writeBuffer(rows, 0, Uint32Array.of(first, count, side, 0))
    const entries = [rows, seen].map((buffer, binding) => ({ binding, resource: { buffer } }))
    const encoder = device.createCommandEncoder()
    const pass = encoder.beginComputePass()
    pass.setPipeline(pipeline)
    pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }))
    pass.dispatchWorkgroups(Math.ceil(count / GROUP))
    pass.end()
    encoder.copyBufferToBuffer(seen, 0, read, 0, bytes)
    device.queue.submit([encoder.finish()])
    await read.mapAsync(GPUMapMode.READ)
    return new Uint32Array(read.getMappedRange().slice())
  } finally {
    for (const buffer of [rows, seen, read]) buffer.destroy()
  }
}

function rowsBySteps (first: number, count: number, side: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, index) => {
    let trees = 0
    for (let column = 1; column <= side; column++) {
      let a = first + index
      let b = column
      while (b !== 0) [a, b] = [b, a % b]
      if (a === 1) trees++
    }
    return trees
  })
}

export function collect (counts: number[]): number {
  let sum = 0
  for (const count of counts) sum += count
  return sum
}

const KNOWN = new Map([[10, 63], [100, 6_087], [1000, 608_383], [10_000, 60_794_971]])

export function log (event: LogEvent, ctx: LogCtx<Params>): void {
  if (event.type !== 'done') return
  const { side } = ctx.params
  known(`trees seen in an orchard of ${number(side)} × ${number(side)}`, event.result, KNOWN.get(side))
}
