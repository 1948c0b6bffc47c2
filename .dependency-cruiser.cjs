/** The floors of the house (ARCHITECTURE.md): imports go down, never up or sideways; each library has one home. */
const adapters = ['store', 'webhooks', 'alerts', 'http', 'host', 'observability', 'config'];
const floor4 = '^src/(daemon|child|main)\\.ts$|^src/(cli|daemon)/';

/**
 * @param {string} library
 * @param {string} home
 */
const homeOf = (library, home) => ({
  name: `${library.replaceAll(/[^a-z0-9]/gi, '-')}-has-one-home`,
  comment: `${library} is used in ${home} only`,
  severity: 'error',
  from: { path: '^(src|connectors)/', pathNot: [home, '/test/'] },
  to: { path: `^node_modules/${library}(/|$)` },
});

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'core-knows-nobody',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { path: '^(src|connectors)/', pathNot: '^src/core/' },
    },
    {
      name: 'connector-api-knows-core',
      severity: 'error',
      from: { path: '^src/connector-api/' },
      to: { path: '^(src|connectors)/', pathNot: '^src/(core|connector-api)/' },
    },
    {
      name: 'engine-knows-no-adapter',
      severity: 'error',
      from: { path: '^src/engine/' },
      to: { path: '^(src|connectors)/', pathNot: '^src/(core|connector-api|engine)/' },
    },
    ...adapters.map((adapter) => ({
      name: `${adapter}-knows-no-sibling`,
      severity: 'error',
      from: { path: `^src/${adapter}/` },
      to: { path: '^(src|connectors)/', pathNot: [`^src/(core|connector-api|engine|${adapter})/`, '^src/core\\.ts$'] },
    })),
    {
      name: 'only-the-composition-roots-know-the-registry',
      severity: 'error',
      from: { path: '^(src|connectors)/', pathNot: [floor4, '^connectors/'] },
      to: { path: '^connectors/' },
    },
    {
      name: 'connectors-know-the-api-only',
      severity: 'error',
      from: { path: '^connectors/([^/]+)/', pathNot: '/test/' },
      to: {
        path: '^(src|connectors)/',
        pathNot: ['^src/(core|connector-api)/', '^connectors/$1/', '^connectors/box/'],
      },
    },
    {
      name: 'only-networks-in-a-box-share-the-box',
      severity: 'error',
      from: { path: '^(src|connectors)/', pathNot: ['^connectors/[^/]+/simulator/', '^connectors/box/', '/test/'] },
      to: { path: '^connectors/box/' },
    },
    homeOf('@whiskeysockets/baileys', '^connectors/whatsapp/'),
    homeOf('better-sqlite3', '^src/store/'),
    homeOf('fastify', '^src/http/'),
    homeOf('prom-client', '^src/observability/'),
    homeOf('pino', '^src/observability/'),
    homeOf('nodemailer', '^src/alerts/'),
    homeOf('commander', '^src/(cli|main\\.ts)'),
    homeOf('undici', '^(src/webhooks/|src/cli/|connectors/)'),
    {
      name: 'the-product-does-not-import-tests',
      severity: 'error',
      from: { path: '^(src|connectors)/', pathNot: '/test/' },
      to: { path: '^(test|bench|scripts)/|/test/' },
    },
    {
      name: 'no-dev-dependency-in-the-product',
      severity: 'error',
      from: { path: '^(src|connectors)/', pathNot: '/test/' },
      to: { dependencyTypes: ['npm-dev'], pathNot: '^node_modules/@types/' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/|^coverage/|^test/peers/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
