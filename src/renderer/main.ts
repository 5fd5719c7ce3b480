import './without-eval.ts'
import './styles/tokens.css'
import './styles/base.css'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { openConnection } from './engine.ts'
import { openSoundEarly } from './playback/open-early.ts'
import { followSound } from './playback/listening.ts'
import { followSettings } from './playback/player.ts'
import { followSwitching } from './playback/switching.ts'
import { keepDownloads, useDownloads } from './stores/downloads.ts'
import { keepSettings, useSettings } from './stores/settings.ts'
import { followTheme } from './styles/theme.ts'

const app = createApp(App).use(createPinia())
const settings = useSettings()
followTheme(settings)
keepSettings(settings)
keepDownloads(useDownloads())
followSettings()
openSoundEarly()
followSwitching()
followSound()
app.mount('#app')
void openConnection()
