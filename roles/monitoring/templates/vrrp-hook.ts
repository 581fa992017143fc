import {transitionsFile} from '../places.ts'

/** Counts changes of VRRP's state; hooks run one after the other. */
export const vrrpHook = `#!/bin/sh
# Written by gatewright; changes are overwritten.
count=$(cat ${transitionsFile} 2>/dev/null)
echo $((\${count:-0} + 1)) >${transitionsFile}.new && mv -f ${transitionsFile}.new ${transitionsFile}
`
