import react from '@vitejs/plugin-react'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

/** `vite` alone serves the page without the studio that fills in its two placeholders. */
function developmentPlaceholders(): Plugin {
  return {
    name: 'development-placeholders',
    apply: 'serve',
    transformIndexHtml: (html) => html.replaceAll('__BASE_PATH__', '').replaceAll('__CSP_NONCE__', ''),
  }
}

/** Libraries that change at their own pace get files of their own, so that an update of ours leaves them cached. */
const libraryChunks = [
  { name: 'react', priority: 50, test: /node_modules\/(react|react-dom|scheduler|zustand|use-sync-external-store)\// },
  { name: 'tanstack', priority: 40, test: /node_modules\/@tanstack\// },
  { name: 'yaml', priority: 30, test: /node_modules\/yaml\// },
  {
    name: 'editor',
    priority: 30,
    test: /node_modules\/(@codemirror\/(commands|language|state|view)|@lezer\/(common|highlight|lr)|style-mod|w3c-keyname|@marijn)\//,
  },
  // Reading and comparing texts; what it needs itself is nothing that other pages load.
  {
    name: 'writing',
    priority: 8,
    minShareCount: 2,
    test: /src\/(yaml\/|features\/editor\/(TextDocument|lineDiff|merge)\.ts)/,
  },
  // Small things of every page with files.
  {
    name: 'explorer',
    priority: 9,
    minShareCount: 2,
    test: /src\/(components\/Tabs|features\/(files\/FileIcon|history\/historyEntry|import\/(dialogs|exportFolder)))/,
  },
  // Each file of its own costs half a kilobyte of headers, more than an icon or a small component.
  { name: 'icons', priority: 20, minShareCount: 2, test: /node_modules\/@tabler\// },
  { name: 'common', priority: 10, minShareCount: 3, test: /src\/(components|lib|api)\// },
]

export default defineConfig({
  base: './',
  plugins: [react(), developmentPlaceholders()],
  build: {
    outDir: '../backend/pfstudio/server/static',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // The content security policy allows no data: address for styles and fonts.
    chunkSizeWarningLimit: 400,
    rolldownOptions: { output: { codeSplitting: { groups: libraryChunks } } },
  },
  worker: { format: 'es' },
  server: {
    proxy: { '/api': { target: process.env.PFSTUDIO_URL ?? 'http://127.0.0.1:8010', changeOrigin: true } },
  },
  // Property tests run hundreds of documents; a busy machine may need longer than the usual five seconds.
  test: { include: ['src/**/*.test.ts', 'src/**/*.test.tsx'], environment: 'node', testTimeout: 60_000 },
})
