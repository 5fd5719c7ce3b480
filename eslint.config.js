import js from '@eslint/js'
import globals from 'globals'
import ts from 'typescript-eslint'
import vue from 'eslint-plugin-vue'

/** Ways out of this machine. */
const network = [
  ...[
    'undici',
    '@huggingface/hub',
    'ws',
    'node:http',
    'node:https',
    'node:http2',
    'node:net',
    'node:tls',
    'node:dgram',
  ],
  ...['node:dns', 'node:dns/promises'],
]
const networkGlobals = ['fetch', 'WebSocket', 'XMLHttpRequest', 'EventSource', 'WebTransport']

const restricted = (names) => ({
  'no-restricted-imports': [
    'error',
    { paths: names.map((name) => ({ name, message: `${name} is imported in one place only (ARCHITECTURE.md)` })) },
  ],
})

/** Words of platform code are each allowed in one place (design §4); the folder table itself is .dependency-cruiser.cjs. */
const only = (...names) => restricted([...names, ...network])

/** As `only`, where the network is. */
const onlyOnline = (...names) => ({ ...restricted(names), 'no-restricted-globals': 'off' })

export default ts.config(
  { ignores: ['out/', 'node_modules/', 'coverage/', 'resources/', 'tests/golden/models/'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...vue.configs['flat/recommended'],
  {
    files: ['**/*.ts', '**/*.vue'],
    languageOptions: {
      parserOptions: {
        parser: ts.parser,
        project: ['./tsconfig.pure.json', './tsconfig.node.json', './tsconfig.web.json'],
        extraFileExtensions: ['.vue'],
      },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off', // noUncheckedIndexedAccess makes it the honest spelling in numeric loops
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/unified-signatures': 'off',
      'no-undef': 'off', // the type checker's work
      eqeqeq: 'error',
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['**/*.vue'],
    rules: {
      'vue/multi-word-component-names': 'off',
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/html-indent': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/no-v-html': 'error',
      'vue/attributes-order': 'off',
      'vue/require-default-prop': 'off',
      'vue/multiline-html-element-content-newline': 'off',
    },
  },
  {
    files: ['src/**/*.ts', 'src/**/*.vue'],
    rules: {
      ...only('electron', 'onnxruntime-node', 'better-sqlite3', 'echarts'),
      'no-restricted-globals': [
        'error',
        ...networkGlobals.map((name) => ({ name, message: 'the network is reached from src/engine/net/ alone' })),
      ],
    },
  },
  { files: ['src/main/**', 'src/preload/**'], rules: only('onnxruntime-node', 'better-sqlite3', 'echarts') },
  { files: ['src/engine/inference/session.ts'], rules: only('electron', 'better-sqlite3', 'echarts') },
  { files: ['src/engine/store/database.ts'], rules: only('electron', 'onnxruntime-node', 'echarts') },
  {
    files: ['src/engine/export/**', 'src/renderer/charts/**', 'src/figures/**'],
    rules: only('electron', 'onnxruntime-node', 'better-sqlite3'),
  },
  // what a person asks to download, and the server on 127.0.0.1
  {
    files: ['src/engine/net/**', 'src/engine/models/hub/**', 'src/server/**'],
    rules: onlyOnline('electron', 'onnxruntime-node', 'better-sqlite3', 'echarts'),
  },
  // whether Electron's program can be downloaded at all; the page's own server, which is all that its policy lets it reach
  {
    files: ['src/cli/electron.ts', 'src/renderer/engine.ts', 'src/renderer/open-files.ts'],
    rules: { 'no-restricted-globals': 'off' },
  },
  // the timeline counts in aligned seconds, a pane in its recording's
  {
    files: ['src/renderer/panes/**'],
    // what stands outside a column adds its offset itself
    ignores: ['column.ts', 'row.ts', 'time-pointer.ts'].map((file) => `src/renderer/panes/${file}`),
    rules: Object.fromEntries(
      ['no-restricted-syntax', 'vue/no-restricted-syntax'].map((rule) => [
        rule,
        [
          'error',
          {
            selector: 'MemberExpression[object.name="timeline"][property.name=/^(cursor|lookedAt|playhead)$/]',
            message: 'the timeline has aligned seconds: a pane reads its column’s (column.ts)',
          },
        ],
      ]),
    ),
  },
  { files: ['tests/**'], rules: { 'max-lines': 'off', '@typescript-eslint/no-dynamic-delete': 'off' } },
  {
    files: ['bin/**', 'tools/**', '*.js', '*.cjs', '.*.cjs'],
    languageOptions: { globals: globals.node },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
)
