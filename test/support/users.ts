import {execFileSync} from 'node:child_process'
import {rmSync, writeFileSync} from 'node:fs'

/** An account of this machine that lives as long as a test. */
export type TestUser = {
  readonly name: string
  readonly shell: string
  readonly password: string
  /** What sudo lets it do; empty: nothing. */
  readonly sudoers: string
}

export const addUser = ({name, shell, password, sudoers}: TestUser): void => {
  execFileSync('useradd', ['--create-home', '--shell', shell, name])
  execFileSync('chpasswd', {input: `${name}:${password}\n`})
  writeFileSync(`/home/${name}/.bashrc`, 'echo "Welcome to $(hostname)"\n')
  if (sudoers !== '') writeFileSync(`/etc/sudoers.d/${name}`, `${name} ${sudoers}\n`, {mode: 0o440})
}

export const removeUser = ({name}: TestUser): void => {
  rmSync(`/etc/sudoers.d/${name}`, {force: true})
  execFileSync('userdel', ['--force', '--remove', name], {stdio: 'ignore'})
}
