import {homedir} from 'node:os'
import {join} from 'node:path'
import type {AnyAuthMethod, KeyboardInteractiveAuthMethod} from 'ssh2'
import {type KeyFile, readKeyFile} from './key-files.ts'
import type {Means} from './means.ts'
import {askAgent} from './ssh-agent.ts'
import {type Target, TransportError} from './transport.ts'

/** The ways to log in, in the order in which they are tried. */
export type Login = {
  readonly methods: readonly AnyAuthMethod[]
  /** What is tried, in words. */
  readonly tried: readonly string[]
  /** What is not, and why. */
  readonly unusable: readonly string[]
  /** What the server asked and nobody can answer. */
  readonly unanswered: string[]
}

/**
 * As ssh does it: keys, then keyboard-interactive, then the password; but keys that are named come before the other keys
 * of the agent, so that an agent with many does not use up MaxAuthTries. Only keys that can be used are offered, each once.
 */
export const loginMethods = async (
  target: Target,
  {passphrases}: Means,
  ssh2: typeof import('ssh2'),
): Promise<Login> => {
  const {host, user: username, keyFiles, password, identitiesOnly = false} = target
  const read = (file: string): Promise<KeyFile> =>
    readKeyFile(file, passphrases.get(file) ?? target.passphrase, ssh2.utils.parseKey)
  const socket = target.agent ?? process.env['SSH_AUTH_SOCK'] ?? 'none'
  const [named, defaults, agent] = await Promise.all([
    Promise.all(keyFiles.map(read)),
    Promise.all((keyFiles.length > 0 ? [] : usualKeyFiles()).map(read)),
    socket === 'none' || socket === '' ? undefined : askAgent(socket, ssh2),
  ])
  const inAgent = ({publicBlob}: KeyFile) =>
    publicBlob && agent?.keys.find(key => key.getPublicSSH().equals(publicBlob))
  const byFile = (each: KeyFile): AnyAuthMethod[] => {
    const held = inAgent(each)
    if (held && agent) return [{type: 'agent', username, agent: agent.only([held])}]
    return each.key ? [{type: 'publickey', username, key: each.key}] : []
  }
  const files = [...named, ...defaults]
  const others = identitiesOnly ? [] : (agent?.keys ?? []).filter(key => !files.some(each => inAgent(each) === key))
  const unanswered: string[] = []
  const methods: AnyAuthMethod[] = [
    ...named.flatMap(byFile),
    ...(others.length > 0 && agent ? [{type: 'agent', username, agent: agent.only(others)} as const] : []),
    ...files.slice(named.length).flatMap(byFile),
    ...(password === undefined ? [] : passwordMethods(username, password, unanswered)),
  ]
  const troubled = files.filter(each => byFile(each).length === 0 && !(each.isMissing && !named.includes(each)))
  const unusable = troubled.flatMap(({trouble = []}) => trouble)
  if (methods.length === 0)
    throw new TransportError(
      'login-refused',
      host,
      unusable.length > 0
        ? `no usable key: ${unusable.join('; ')}`
        : `no way to log in as ${username}: name a private key file, start an ssh agent or give a password (--ask-pass)`,
    )
  const tried = [
    ...files.filter(each => byFile(each).length > 0).map(({file}) => file),
    ...(others.length > 0 ? [`${others.length === 1 ? 'a key' : `${others.length} keys`} of the agent`] : []),
    ...(password === undefined ? [] : ['the password']),
  ]
  return {methods, tried, unusable, unanswered}
}

const usualKeyFiles = (): string[] => ['id_rsa', 'id_ecdsa', 'id_ed25519'].map(name => join(homedir(), '.ssh', name))

/** The password is given once: where the server has asked for it already, it is not tried by the other method too. */
const passwordMethods = (username: string, password: string, unanswered: string[]): AnyAuthMethod[] => {
  let isGiven = false
  const prompt: KeyboardInteractiveAuthMethod['prompt'] = (_name, _instructions, _language, prompts, finish) => {
    const answers = prompts.map(({prompt: question, echo}) => {
      if (!echo && /password/i.test(question) && !isGiven) {
        isGiven = true
        return password
      }
      unanswered.push(question.trim())
      return ''
    })
    finish(answers)
  }
  const byPassword = {
    type: 'password',
    username,
    get password() {
      return isGiven ? undefined : password
    },
  }
  return [{type: 'keyboard-interactive', username, prompt}, byPassword as AnyAuthMethod]
}
