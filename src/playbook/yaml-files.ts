import {existsSync, readdirSync} from 'node:fs'

/** Names of the YAML files of a directory, none where there is none. */
export const yamlFilesIn = (directory: string): readonly string[] =>
  existsSync(directory) ? readdirSync(directory).filter(name => /\.ya?ml$/.test(name)) : []
