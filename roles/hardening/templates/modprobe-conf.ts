/** `install` also stops what the kernel asks for on demand; a blacklist alone does not (modprobe.d(5)). */
export const modprobeConf = (modules: readonly string[]): string => `\
# Made by gatewright (role hardening).
${modules.map(name => `install ${name} /bin/false\nblacklist ${name}\n`).join('')}`
