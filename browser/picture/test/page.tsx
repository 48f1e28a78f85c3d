/**
 * The page that the browser's tests open: both components, and doors for a test to feed and look at them. It is no
 * part of any page that people open.
 */
import '../../ui/theme.css'
import '../picture.css'
import { render } from 'preact'
import { LivePicture, Picture, Replay, endPicture, mergeSnapshots } from '../index.ts'
import { fit } from '../viewport.ts'
import { hilbert, planeOf } from '../hilbert.ts'
import { measureFrames } from '../measure.tsx'
import type { FrameTimes } from '../measure.tsx'
import type { PositionSnapshot } from '../index.ts'
import type { JobShape } from '../index.ts'

const root = document.getElementById('app') as HTMLElement
root.style.cssText = 'max-width: 84rem; margin: 0 auto; padding: 1rem'

let picture: Picture | null = null

const doors = {
  live (shape: JobShape): void {
    picture = new Picture(shape)
    render(<LivePicture picture={picture} />, root)
  },
  merge (snapshots: PositionSnapshot[], now: number): void {
    if (picture !== null) mergeSnapshots(picture, snapshots, now)
  },
  end (): void {
    if (picture !== null) endPicture(picture, 'done')
  },
  replay (): void {
    render(<Replay />, root)
  },
  open (text: string): void {
    render(<Replay file={new Blob([text])} />, root)
  },
  /** The colour that is seen in the middle of a cell. */
  colourAt (cell: number, cells: number): number[] {
    const canvas = document.querySelector('.picture-map canvas') as HTMLCanvasElement
    const plane = planeOf(cells)
    const pixel = hilbert(plane)[cell] ?? 0
    const { scale, x, y } = fit(plane, canvas)
    const middle = (at: number, from: number): number => Math.floor(from + (at + 0.5) * scale)
    return [...canvas.getContext('2d')?.getImageData(middle(pixel % plane.width, x), middle(Math.floor(pixel / plane.width), y), 1, 1).data ?? []].slice(0, 3)
  },
  async measure (forMs: number): Promise<FrameTimes> {
    return await measureFrames({ element: root, forMs })
  }
}

export type Doors = typeof doors
Object.assign(globalThis, { doors })
