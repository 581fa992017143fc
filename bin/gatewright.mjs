#!/usr/bin/env node
// gatewright, as the npm package installs it. Written so that an old Node.js can read it and say what is needed.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 20)) {
  console.error(`gatewright: Node.js 22.20 or newer is needed, this is ${process.versions.node} (nodejs.org)`)
  process.exit(5)
}
// Roles are TypeScript, which Node.js 22 calls experimental each time.
process.removeAllListeners('warning').on('warning', warning => {
  if (warning.name !== 'ExperimentalWarning') console.error(`${warning.name}: ${warning.message}`)
})
await import('../dist/src/cli/main.js')
