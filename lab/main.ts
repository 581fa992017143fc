// The lab's commands without the rest of gatewright: sh bin/with-node lab/main.ts up
import {labCommand} from './cli.ts'

await labCommand().parseAsync()
