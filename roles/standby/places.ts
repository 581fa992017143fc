export const program = '/usr/local/lib/gatewright/standby'
/** Its time of modification is that of the last run that provisioned the host. */
export const provisionedStamp = '/var/lib/gatewright/standby-provisioned'
/** Rules and routes of the kernel as they were before the host took the place of the pair. */
export const beforeFile = '/var/lib/gatewright/standby-before'
/** Exit code of the program when it refuses, because the pair is there, or is not. */
export const refusedCode = 3
