/**
 * Lint: the recommended TypeScript rules, the house style (STYLE), and what each folder may use. The core's
 * rules are those that its tsconfig cannot express: no clock, no chance, no async, no inexact arithmetic.
 */
import stylistic from '@stylistic/eslint-plugin'
import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'

/** Results of these differ between engines; peers must agree to the last bit. */
const INEXACT = ['acos', 'acosh', 'asin', 'asinh', 'atan', 'atan2', 'atanh', 'cbrt', 'cos', 'cosh', 'exp', 'expm1', 'hypot', 'log', 'log10', 'log1p', 'log2', 'pow', 'sin', 'sinh', 'tan', 'tanh']

/** Names that only one platform has, or that reach past the ports; the DOM's types allow them. */
const PLATFORM = ['window', 'document', 'self', 'localStorage', 'sessionStorage', 'indexedDB', 'navigator', 'location', 'history', 'alert', 'XMLHttpRequest', 'Worker', 'SharedWorker', 'RTCPeerConnection', 'WebSocket', 'process', 'Buffer', 'global', 'require', '__dirname', '__filename', 'setImmediate', 'name', 'event', 'status', 'close', 'open', 'parent', 'top', 'length', 'origin', 'stop']

const style = {
  '@stylistic/semi': ['error', 'never'],
  '@stylistic/quotes': ['error', 'single', { avoidEscape: true }],
  '@stylistic/indent': ['error', 2, { SwitchCase: 1, ignoredNodes: ['ConditionalExpression', 'TSUnionType', 'TemplateLiteral *'] }],
  '@stylistic/space-before-function-paren': ['error', { anonymous: 'always', named: 'always', asyncArrow: 'always' }],
  '@stylistic/comma-dangle': ['error', 'never'],
  '@stylistic/no-trailing-spaces': 'error',
  '@stylistic/eol-last': 'error',
  '@stylistic/no-multiple-empty-lines': ['error', { max: 1, maxBOF: 0, maxEOF: 0 }],
  '@stylistic/member-delimiter-style': ['error', { multiline: { delimiter: 'none' }, singleline: { delimiter: 'comma' } }]
}

export default defineConfig([
  globalIgnores(['node_modules/', 'dist/', '.cache/']),
  {
    files: ['**/*.ts', '**/*.tsx', '**/*.js', '**/*.cjs', '**/*.mjs'],
    extends: [tseslint.configs.recommended],
    plugins: { '@stylistic': stylistic },
    rules: {
      ...style,
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-var': 'error',
      'prefer-const': 'error',
      'no-console': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' }],
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/consistent-type-imports': ['error', { prefer: 'type-imports', disallowTypeAnnotations: false }]
    }
  },
  // Whatever a job's author passes in: the job's own types say more than the protocol can.
  { files: ['protocol/job/module.ts'], rules: { '@typescript-eslint/no-explicit-any': 'off' } },
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  { files: ['**/test/**/*.ts', '.ci/checks/**/*.ts'], rules: { '@typescript-eslint/no-unused-expressions': 'off' } },
  {
    files: ['protocol/host/**/*.ts', 'protocol/job/**/*.ts', 'protocol/client/**/*.ts', 'node/**/*.ts', 'browser/**/*.ts', 'browser/**/*.tsx', 'sims/**/*.ts'],
    ignores: ['**/test/**', 'node/bench/**'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // A promise nobody waits for hides its error.
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false, attributes: false } }]
    }
  },
  {
    files: ['protocol/host/**/*.ts', 'protocol/job/**/*.ts', 'protocol/client/**/*.ts'],
    ignores: ['**/test/**'],
    rules: {
      'no-restricted-globals': ['error', ...PLATFORM.map((name) => ({ name, message: 'protocol/ runs in Node and in browsers: use a port.' }))],
      'no-restricted-imports': ['error', { patterns: [{ group: ['node:*'], message: 'protocol/ runs in browsers too.' }] }]
    }
  },
  {
    files: ['sims/**/*.ts'],
    ignores: ['**/test/**', 'sims/cli/**'],
    rules: {
      'no-restricted-globals': ['error', ...['Date', 'performance', 'process', 'console', 'crypto', 'fetch', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'WeakRef', 'FinalizationRegistry']
        .map((name) => ({ name, message: 'One seed is one world: time is virtual, and only sims/cli does I/O.' }))],
      'no-restricted-properties': ['error', { object: 'Math', property: 'random', message: 'Chance comes from the seed (protocol/core/random.ts).' }],
      'no-restricted-imports': ['error', { patterns: [{ group: ['node:*'], message: 'Only sims/cli does I/O.' }] }]
    }
  },
  {
    files: ['protocol/core/**/*.ts'],
    ignores: ['**/test/**'],
    rules: {
      'no-restricted-globals': ['error',
        { name: 'Date', message: 'The core has no clock: `now` is passed in.' },
        { name: 'Promise', message: 'The core is synchronous.' },
        { name: 'console', message: 'The core has no output but effects.' },
        { name: 'Intl', message: 'Depends on the engine\'s locale.' },
        { name: 'WeakRef', message: 'Depends on the garbage collector.' },
        { name: 'FinalizationRegistry', message: 'Depends on the garbage collector.' }
      ],
      'no-restricted-properties': ['error',
        { object: 'Math', property: 'random', message: 'Chance comes from the seeded generator passed in.' },
        ...INEXACT.map((property) => ({ object: 'Math', property, message: 'Not the same to the last bit in every engine.' }))
      ],
      'no-restricted-syntax': ['error',
        { selector: ':function[async=true]', message: 'The core is synchronous.' },
        { selector: 'AwaitExpression', message: 'The core is synchronous.' },
        { selector: 'ForOfStatement[await=true]', message: 'The core is synchronous.' },
        { selector: 'BinaryExpression[operator="**"][left.type!="Literal"]', message: 'Not the same to the last bit in every engine.' },
        { selector: 'AssignmentExpression[operator="**="]', message: 'Not the same to the last bit in every engine.' },
        { selector: 'ImportExpression', message: 'The core loads nothing at run time.' },
        { selector: 'CallExpression[callee.property.name=/^(toLocale\\w*|localeCompare)$/]', message: 'Depends on the engine\'s locale.' }
      ],
      'no-restricted-imports': ['error', { patterns: [{ group: ['node:*'], message: 'The core has no I/O.' }] }],
      '@typescript-eslint/switch-exhaustiveness-check': 'off'
    }
  }
])
