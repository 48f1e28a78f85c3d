/**
 * The picture of a job's partitions, coordinators and peers, live or from a log: what pages may use of this folder.
 *
 *     const picture = new Picture({ job, name, partitions, fanout, grain })
 *     setInterval(async () => mergeSnapshots(picture, await ask(), Date.now()), 1000)
 *     render(<LivePicture picture={picture} />, element)
 *     render(<Replay />, element)
 *
 * A page that shows either bundles `picture.css` after its theme.
 */
export { Picture } from './picture.ts'
export type { JobShape } from './picture.ts'
export { endPicture, mergeSnapshots } from './snapshot.ts'
export type { ChildSnapshot, PositionSnapshot } from './snapshot.ts'
export { LivePicture } from './live.tsx'
export type { LivePictureInit } from './live.tsx'
export { Replay } from './replay.tsx'
export type { ReplayInit } from './replay.tsx'
