export default {
  extensions: {ts: 'module'},
  files: ['test/**/*.test.ts', 'roles/**/*.test.ts'],
  nodeArguments: ['--disable-warning=ExperimentalWarning'],
  timeout: '10m',
  workerThreads: false,
}
