import {account, etc, runDirectory} from '../places.ts'

/**
 * openvpn-start SIDE NAME, before each start: notes which certificate the process is about to read, and what became of sessions
 * whose end a killed process could not tell.
 */
export const startProgram = `#!/bin/sh
# Written by gatewright; changes are overwritten.
side=$1 name=$2
sessions=${runDirectory}/sessions/$name
mkdir -p ${runDirectory}/loaded ${runDirectory}/sessions || exit
cp ${etc}/$side/$name/certificate ${runDirectory}/loaded/$side-$name || exit
[ "$side" = server ] || exit 0
install -d -m 0700 -o ${account} -g ${account} "$sessions" || exit
for session in "$sessions"/*; do
  [ -f "$session" ] || continue
  read -r serial cn source <"$session"
  echo "<4>session event=lost server=$name cn=$cn serial=$serial source=$source address=\${session##*/}"
  rm -f "$session"
done
`
