import type { Page } from 'playwright-core'

export interface Walk {
  /** controls that can be used within `root` */
  wanted: number
  /** those that Tab did not reach */
  missed: string[]
  /** those that showed no focus, or had it outside the window */
  unmarked: string[]
}

/** Presses Tab through everything within `root`, and remembers how each control looked when it had the focus. */
export const tabThrough = async (page: Page, root = 'body'): Promise<Walk> => {
  const wanted = await page.evaluate((selector) => {
    const all = [
      ...document
        .querySelector(selector)!
        .querySelectorAll<HTMLElement>('button, select, input, summary, [tabindex="0"]'),
    ]
    const usable = all.filter(
      (one) =>
        one.tabIndex >= 0 &&
        !one.matches(':disabled') &&
        one.checkVisibility({ visibilityProperty: true }) &&
        !one.closest('[popover]:not(:popover-open)'),
    )
    usable.forEach((one, i) => (one.dataset.walk = String(i)))
    // of radio buttons with one name Tab reaches the checked one, arrows the others
    return usable.flatMap((one, i) =>
      one instanceof HTMLInputElement && one.type === 'radio' && !one.checked ? [] : [String(i)],
    )
  }, root)
  const seen = new Map<string, { name: string; fine: boolean }>()
  for (let i = 0; i < wanted.length + 30; i++) {
    await page.keyboard.press('Tab')
    const found = await page.evaluate(() => {
      const one = document.activeElement as HTMLElement
      if (one === document.body) return null
      const marks = [one, one.closest('label')].filter((mark) => mark !== null)
      const marked = marks.some((mark) => {
        const style = getComputedStyle(mark)
        return style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 1
      })
      const box = one.getBoundingClientRect()
      const inView = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth
      const name = `${one.tagName} ${one.getAttribute('aria-label') ?? one.title} ${one.textContent.trim().slice(0, 30)}`
      return { walk: one.dataset.walk ?? name, name, fine: marked && inView }
    })
    // null: round the end, on the browser's own controls
    if (found) seen.set(found.walk, found)
  }
  return {
    wanted: wanted.length,
    missed: wanted.filter((walk) => !seen.has(walk)),
    unmarked: [...seen.values()].filter(({ fine }) => !fine).map(({ name }) => name),
  }
}
