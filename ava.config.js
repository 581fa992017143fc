export default {
  extensions: ['ts'],
  files: ['test/**/*.test.ts', 'roles/**/*.test.ts'],
  nodeArguments: ['--disable-warning=ExperimentalWarning'],
  timeout: '10m',
  workerThreads: false,
}
