import {$, type Command} from 'gatewright'

/**
 * OpenVPN's own judgement of a candidate. `--test-crypto` reads options and key files, and opens neither a device nor a socket; then it
 * tests ciphers with a static key, which a configuration with certificates has not: that complaint is the sign that all before it
 * was right. An option that OpenVPN only says it ignores is refused too. Keys are not printed.
 */
export const validateConf = (candidate: string): Command => $`
said=$(openvpn --config ${candidate} --test-crypto 2>&1)
case $said in
*'is ignored by previous'*) ;;
*'Options error: You must define key file (--secret)'*) exit 0 ;;
esac
printf '%s\\n' "$said"
exit 1`
