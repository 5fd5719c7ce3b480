import axeCore from 'axe-core'
import { chromium, type Browser, type Page } from 'playwright-core'
import { chromiumPath } from './needs.ts'

/** Debian's Chromium, quiet: no background network of its own. */
export const launch = (executablePath = chromiumPath): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
    ],
  })

/** A page that remembers every console error, uncaught error and refused load. */
export const watch = (page: Page): string[] => {
  const problems: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || /content security policy/i.test(message.text())) problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(String(error)))
  page.on('requestfailed', (request) => problems.push(`${request.url()} ${request.failure()?.errorText ?? ''}`))
  return problems
}

/** Serious and critical findings of axe on the page as it stands. */
export const axe = async (page: Page): Promise<string[]> => {
  // evaluated by the debugger, which the page's policy does not bind
  await page.evaluate(axeCore.source)
  const { violations } = await page.evaluate<{
    violations: { id: string; impact: string; nodes: { html: string }[] }[]
  }>('axe.run(document, { resultTypes: ["violations"] })')
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)
}

/** Waits until no dialog is in the page: one that is no longer seen may still be about to say that it has closed, and keys go nowhere. */
export const dialogGone = (page: Page): Promise<void> => page.locator('dialog').waitFor({ state: 'detached' })
