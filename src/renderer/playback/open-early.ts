import { useLibrary } from '../stores/library.ts'
import { contextsOpen, letContextsSleep, wakeContext } from './context.ts'

/**
 * The system opens its sound device in a fifth of a second, once: that is done when a person first does anything, so that the first sound is not
 * late. A browser lets a page do so no sooner.
 */
export const openSoundEarly = (): void => {
  const open = (): void => {
    const [recording] = useLibrary().recordings
    // what fails here fails again, and is said, when something is played
    if (recording && contextsOpen() === 0) wakeContext(recording.rate).then(letContextsSleep, () => undefined)
  }
  for (const kind of ['pointerdown', 'keydown']) window.addEventListener(kind, open, { once: true, capture: true })
}
