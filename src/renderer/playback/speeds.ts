import { useSettings } from '../stores/settings.ts'

export const speeds = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2]

/** places on in the list, as far as its ends */
export const changeSpeed = (by: number): void => {
  const settings = useSettings()
  const now = speeds.indexOf(settings.speed)
  settings.speed = speeds[Math.min(speeds.length - 1, Math.max(0, (now < 0 ? 3 : now) + by))] ?? 1
}
