/** The table of design §4 and ARCHITECTURE.md: who may import whom. `npm run layers` checks it. */

const forbid = (from, to, comment) => ({
  name: `${from} not to ${to}`.replaceAll('|', ','),
  severity: 'error',
  comment,
  from: { path: `^src/(${from})/` },
  to: { path: `^src/(${to})/` },
})

module.exports = {
  forbidden: [
    {
      name: 'no cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    forbid(
      'contract',
      'rpc|signal|formats|figures|engine|main|preload|server|cli|renderer',
      'the contract imports the schema library and nothing else',
    ),
    forbid('rpc', 'signal|formats|figures|engine|main|preload|server|cli|renderer', 'rpc knows the contract only'),
    forbid(
      'signal|formats|figures',
      'rpc|engine|main|preload|server|cli|renderer',
      'pure folders see the contract only',
    ),
    forbid('engine', 'main|preload|server|cli|renderer', 'the engine knows no host'),
    forbid(
      'renderer',
      'engine|main|preload|server|cli',
      'the page sees contract, rpc, signal, formats and figures only',
    ),
    forbid('main|preload|server|cli', 'renderer', 'hosts serve the built page, they do not import it'),
    forbid('preload', 'rpc|signal|formats|figures|engine|server|cli', 'the bridge and nothing else'),
    forbid('main', 'server|cli', 'main reaches the engine through its process'),
    {
      name: 'main sees only the paths of the engine',
      severity: 'error',
      from: { path: '^src/main/' },
      to: { path: '^src/engine/', pathNot: '^src/engine/paths\\.ts$' },
    },
    {
      name: 'nothing else imports inference',
      severity: 'error',
      comment: 'the killable process is reached over its port',
      from: { path: '^src/', pathNot: '^src/engine/inference/' },
      to: { path: '^src/engine/inference/' },
    },
    {
      name: 'store imports no other part of the engine',
      severity: 'error',
      from: { path: '^src/engine/store/' },
      to: { path: '^src/engine/', pathNot: '^src/engine/(store/|paths\\.ts$)' },
    },
    {
      name: 'panes do not import one another',
      severity: 'error',
      from: { path: '^src/renderer/panes/([^/]+)/' },
      to: { path: '^src/renderer/panes/[^/]+/', pathNot: '^src/renderer/panes/$1/' },
    },
    {
      name: 'no node in the page',
      severity: 'error',
      from: { path: '^src/(renderer|contract|rpc|signal|formats|figures)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'electron only in the shell',
      severity: 'error',
      from: { pathNot: '^(src/(main|preload)/|tests/)' },
      to: { path: '^electron$|node_modules/electron/' },
    },
    {
      name: 'onnxruntime in one place',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/engine/inference/session\\.ts$' },
      to: { path: 'onnxruntime-node' },
    },
    {
      name: 'sqlite in one place',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/engine/store/database\\.ts$' },
      to: { path: 'better-sqlite3' },
    },
    {
      name: 'the network in one place',
      severity: 'error',
      comment: 'downloads that a person asked for, and the server on 127.0.0.1',
      from: { path: '^src/', pathNot: '^src/(engine/(net|models/hub)|server)/' },
      to: { path: '^(node:)?(https?|http2|net|tls|dgram|dns)(/|$)|node_modules/(undici|ws|@huggingface/hub)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(out|resources)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.node.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.vue', '.json', '.cjs'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
}
