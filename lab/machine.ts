import {LabUsageError} from './topology.ts'

/**
 * Says why a lab cannot run here, before anything is touched.
 * @throws LabUsageError
 */
export function refuseUnfitMachine(platform: string = process.platform, uid: number = process.getuid?.() ?? -1): void {
  if (platform !== 'linux')
    throw new LabUsageError(
      `the lab is made of Linux network namespaces and cannot run on ${platform}; use the Vagrantfile, or a Linux machine`,
    )
  if (uid !== 0) throw new LabUsageError('the lab makes network namespaces and mounts and needs root: run it with sudo')
}
