import {directory, file, type Handler, type Resource} from 'gatewright'
import {patientUnit} from '../templates/units.ts'

/** That a daemon is started again whatever it ended of, and however often. */
export const patientDropIn = (unit: string, restart: Handler): readonly Resource[] => {
  const path = `/etc/systemd/system/${unit}.service.d`
  return [directory({path}), file({path: `${path}/gatewright.conf`, content: patientUnit, notify: [restart]})]
}
