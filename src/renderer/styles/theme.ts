import { readonly, ref, watch } from 'vue'
import type { useSettings } from '../stores/settings.ts'

/** The theme in force, and the few colours that canvases need as values. */

const systemLight = matchMedia('(prefers-color-scheme: light)')
const theme = ref<'dark' | 'light'>('dark')
const colours = ref<Record<string, string>>({})
const names = ['plot', 'line', 'text', 'text-quiet', 'mint', 'cursor', 'accent-0', 'accent-1', 'accent-2', 'accent-3']

export const currentTheme = readonly(theme)
export const themeColour = (name: string): string => colours.value[name] ?? '#888888'
export const accentOf = (column: number): string => themeColour(`accent-${column}`)

const apply = (next: 'dark' | 'light'): void => {
  document.documentElement.dataset.theme = next
  const style = getComputedStyle(document.documentElement)
  colours.value = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]))
  theme.value = next
}

export const followTheme = (settings: ReturnType<typeof useSettings>): void => {
  const choose = (): void =>
    apply(settings.theme === 'system' ? (systemLight.matches ? 'light' : 'dark') : settings.theme)
  systemLight.addEventListener('change', choose)
  watch(() => settings.theme, choose, { immediate: true })
}
