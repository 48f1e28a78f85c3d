/**
 * The picture of a job while it runs. The page makes a `Picture`, merges what its mesh tells once a second
 * (snapshot.ts), and shows it here; the component looks for itself whether there is something new to draw.
 */
import type { JSX } from 'preact'
import type { Picture } from './picture.ts'

export interface LivePictureInit {
  /** The job's picture; another one starts afresh. */
  picture: Picture
}

export function LivePicture ({ picture }: LivePictureInit): JSX.Element {
  return <section class="picture" aria-label="Live picture"><p>{picture.done}</p></section>
}
