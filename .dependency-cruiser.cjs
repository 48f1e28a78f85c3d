/**
 * Who may import whom (protocol/README.md, "Layout"). Each rule forbids one direction; what no rule names is allowed.
 */
const TEST = '(^|/)test/'

/** Synchronous, pure leaf packages: all that the core may use. */
const PURE = '^node_modules/(uint8arrays|@noble/hashes|multiformats)/'

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'core-is-a-leaf',
      comment: 'protocol/core imports itself and pure packages only: it has no clock, no I/O and no platform.',
      severity: 'error',
      from: { path: '^protocol/core/', pathNot: TEST },
      to: { pathNot: ['^protocol/core/', PURE] }
    },
    {
      name: 'host-below-client',
      comment: 'A peer does not depend on who asks it.',
      severity: 'error',
      from: { path: '^protocol/host/', pathNot: TEST },
      to: { path: '^protocol/client/' }
    },
    {
      name: 'job-below-host',
      comment: 'What a job is does not depend on how peers are bound to a network.',
      severity: 'error',
      from: { path: '^protocol/job/', pathNot: TEST },
      to: { path: '^(protocol/(host|client)|node|browser|sims|examples)/' }
    },
    {
      name: 'protocol-runs-anywhere',
      comment: 'protocol/ knows neither Node nor browsers: what differs comes in through a port.',
      severity: 'error',
      from: { path: '^protocol/', pathNot: TEST },
      to: { path: '^(node|browser|sims|examples)/' }
    },
    {
      name: 'protocol-without-node-modules',
      comment: 'No node: module below protocol/, so that tabs run the same code.',
      severity: 'error',
      from: { path: '^protocol/', pathNot: TEST },
      to: { dependencyTypes: ['core'] }
    },
    {
      name: 'node-not-browser',
      comment: 'The two platforms share protocol/ and nothing else.',
      severity: 'error',
      from: { path: '^node/', pathNot: ['^node/cli/bin\\.js$', '^node/bench/'] },
      to: { path: '^browser/' }
    },
    {
      name: 'browser-not-node',
      comment: 'The two platforms share protocol/ and nothing else.',
      severity: 'error',
      from: { path: '^browser/', pathNot: TEST },
      to: { path: '^node/' }
    },
    {
      name: 'sims-core-only',
      comment: 'The simulator runs the core unchanged and needs nothing else of ours.',
      severity: 'error',
      from: { path: '^sims/', pathNot: TEST },
      to: { path: '^(protocol/(host|job|client)|node|browser|examples)/' }
    },
    {
      name: 'examples-public-door',
      comment: 'An example shows what anyone can write: it imports the package by its name, never its insides.',
      severity: 'error',
      from: { path: '^examples/', pathNot: TEST },
      to: { path: '^(protocol|node|browser|sims)/', pathNot: '^node/index\\.ts$' }
    },
    {
      name: 'nothing-imports-examples-or-sims',
      comment: 'They stand at the end; only their own tests, and the bench that races an example, look in.',
      severity: 'error',
      from: { pathNot: ['^examples/', '^sims/', '^node/bench/', '^node/cli/bin\\.js$'] },
      to: { path: '^(examples|sims)/' }
    },
    {
      name: 'command-joins-the-simulator',
      comment: 'The command\'s first file is where the peer and the simulator come together: it loads the simulator\'s command, and no more of it.',
      severity: 'error',
      from: { path: '^node/cli/bin\\.js$' },
      to: { path: '^(examples|sims)/', pathNot: '^sims/cli/main\\.ts$' }
    },
    {
      name: 'command-joins-the-pages',
      comment: 'The command\'s first file hands the maker of the pages to the command line, and no more of browser/.',
      severity: 'error',
      from: { path: '^node/cli/bin\\.js$' },
      to: { path: '^browser/', pathNot: '^browser/build/pages\\.ts$' }
    },
    {
      name: 'no-tests-in-code',
      comment: 'What is published does not import tests or the bench.',
      severity: 'error',
      from: { pathNot: [TEST, '^node/bench/', '^\\.ci/'] },
      to: { path: [TEST, '^node/bench/'], pathNot: '^node_modules/' }
    },
    {
      name: 'no-cycles',
      comment: 'Two files that need each other at run time are one noun or three. The steps of the core\'s one machine call each other.',
      severity: 'error',
      from: { pathNot: '^protocol/core/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } }
    },
    {
      name: 'resolvable',
      comment: 'Every import leads somewhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true }
    },
    {
      name: 'declared',
      comment: 'A package that is imported stands in package.json: what users run in dependencies, the rest, with what is bundled into pages, in devDependencies.',
      severity: 'error',
      from: { pathNot: [TEST, '^node/bench/', '^examples/', '^browser/'] },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'], dependencyTypesNot: ['type-only', 'type-import'] }
    },
    {
      name: 'gossipsub-behind-one-file',
      comment: 'The gossipsub package has changed hands before; one file knows it.',
      severity: 'error',
      from: { path: '^(protocol|node|browser)/', pathNot: ['^protocol/host/gossip\\.ts$', TEST] },
      to: { path: '^node_modules/@libp2p/gossipsub/' }
    },
    {
      name: 'isolates-behind-the-sandbox',
      comment: 'Only the sandbox touches isolates.',
      severity: 'error',
      from: { pathNot: '^node/sandbox/' },
      to: { path: '^node_modules/isolated-vm/' }
    }
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    moduleSystems: ['es6', 'cjs'],
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.cjs', '.mjs', '.json', '.d.ts']
    }
  }
}
