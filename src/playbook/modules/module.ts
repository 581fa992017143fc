import type {Position} from '../../diagnostic.ts'
import type {Handler, Resource} from '../../resources/resource.ts'
import type {Secret} from '../../shell/secret.ts'
import type {Keyring} from '../../vault/keyring.ts'

/** As Jinja has them; `newline` is what ends the lines of the template itself. */
export type RenderOptions = {readonly trimBlocks: boolean; readonly lstripBlocks: boolean; readonly newline: string}

/** What a module may ask about the task that names it. Everything in it is final before the host is asked. */
export type ModuleContext = {
  readonly host: string
  readonly notify: readonly Handler[]
  /** The task's name, else its module: what its acts are called in a plan. */
  readonly title: string
  /** Unique for the task and round on its host: two equal commands are two acts. */
  readonly taskId: string
  readonly at: Position
  /** Opens files of the project that are encrypted with Ansible Vault. */
  readonly keys: Keyring
  /** Ansible's search: `files/` (or `templates/`) beside the playbook, then beside it. Absolute. Throws InvalidInput. */
  find(name: string, directory: 'files' | 'templates'): string
  /** A Jinja template of the project with the variables of the host and round. Throws InvalidInput at its line. */
  render(file: string, options?: RenderOptions): string | Secret
}

/** A module of Ansible, or a kind of ours, as a task of a playbook names it. */
export type Module = {
  /** JSON Schema of its parameters, aliases resolved. What may hold a secret says `secret: true` beside its type. */
  readonly schema: object
  readonly example: object
  /** For the reference: what it is about, as sentences. */
  readonly about?: string
  /** Other names of parameters -> the one in the schema. */
  readonly aliases?: Readonly<Record<string, string>>
  /** The parameter that takes the text of `module: text`; without it the text must be `key=value` words. */
  readonly freeForm?: string
  /** Parameters of Ansible that cannot be honoured -> why, and what to do instead. */
  readonly refused?: Readonly<Record<string, {readonly why: string; readonly fix: string}>>
  /** Makes the resources of checked parameters. Throws InvalidInput for what the schema cannot say. */
  make(parameters: Readonly<Record<string, any>>, context: ModuleContext): readonly Resource[]
}
