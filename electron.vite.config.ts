import { resolve } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'electron-vite'

const source = (path: string): string => resolve(import.meta.dirname, 'src', path)

/** Every process is an entry of its own under out/main; what they share becomes chunks, dependencies stay in node_modules. */
export default defineConfig({
  main: {
    build: {
      // one module each where every process would otherwise read many at its start
      externalizeDeps: { exclude: ['zod', 'commander'] },
      // the oldest Node that the launcher accepts: it has no `using`
      target: 'node22.14',
      rollupOptions: {
        input: {
          index: source('main/index.ts'),
          engine: source('engine/process.ts'),
          inference: source('engine/inference/process.ts'),
          cli: source('cli/index.ts'),
        },
        output: { format: 'es' },
      },
    },
  },
  preload: {
    build: {
      rollupOptions: {
        input: source('preload/index.ts'),
        // a sandboxed preload is one CommonJS file (Electron, docs/tutorial/esm.md)
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: source('renderer'),
    base: './',
    plugins: [vue()],
    build: { rollupOptions: { input: source('renderer/index.html') } },
  },
})
