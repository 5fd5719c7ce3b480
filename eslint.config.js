import js from '@eslint/js'
import globals from 'globals'
import ts from 'typescript-eslint'
import vue from 'eslint-plugin-vue'

/** Words of platform code are each allowed in one place (design §4); the folder table itself is .dependency-cruiser.cjs. */
const only = (...names) => ({
  'no-restricted-imports': [
    'error',
    { paths: names.map((name) => ({ name, message: `${name} is imported in one place only (ARCHITECTURE.md)` })) },
  ],
})

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
  { files: ['src/**/*.ts', 'src/**/*.vue'], rules: only('electron', 'onnxruntime-node', 'better-sqlite3', 'echarts') },
  { files: ['src/main/**', 'src/preload/**'], rules: only('onnxruntime-node', 'better-sqlite3', 'echarts') },
  { files: ['src/engine/inference/session.ts'], rules: only('electron', 'better-sqlite3', 'echarts') },
  { files: ['src/engine/store/database.ts'], rules: only('electron', 'onnxruntime-node', 'echarts') },
  {
    files: ['src/engine/export/**', 'src/renderer/charts/**', 'src/figures/**'],
    rules: only('electron', 'onnxruntime-node', 'better-sqlite3'),
  },
  { files: ['tests/**'], rules: { 'max-lines': 'off', '@typescript-eslint/no-dynamic-delete': 'off' } },
  {
    files: ['bin/**', 'tools/**', '*.js', '*.cjs', '.*.cjs'],
    languageOptions: { globals: globals.node },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
)
