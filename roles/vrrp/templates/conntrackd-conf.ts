import type {ConntrackView} from '../conntrack-view.ts'

const onOff = (value: boolean): string => (value ? 'On' : 'Off')

/** /etc/conntrackd/conntrackd.conf, conntrackd.conf(5) of 1.4.7. */
export const conntrackdConf = (view: ConntrackView): string => `# Written by gatewright; changes are overwritten.
Sync {
    Mode FTFW {
        DisableExternalCache ${onOff(view.direct)}
        StartupResync On
    }
${view.channels.map((channel, index) => udp(view, channel, index)).join('')}}

General {
    Systemd On
    Syslog On
    LockFile /run/conntrackd.lock
    HashSize ${view.hashSize}
    HashLimit ${view.hashLimit}
    NetlinkBufferSize ${view.buffer}
    NetlinkBufferSizeMaxGrowth ${view.buffer * 4}
    # Reliable events are sent again by the kernel, so that there is no overrun to repair by reading all of its table.
    NetlinkEventsReliable On
    NetlinkOverrunResync Off
    UNIX {
        Path /run/conntrackd.ctl
    }
    # From user space: it looks at the real ends of a connection, in front of and behind NAT.
    Filter From Userspace {
        Protocol Accept {
            TCP
            SCTP
            DCCP
            UDP
        }
        Address Ignore {
${view.ignored.map(({family, address}) => `            IPv${family}_address ${address}\n`).join('')}        }
        State Accept {
            ESTABLISHED FIN_WAIT CLOSE_WAIT LAST_ACK TIME_WAIT CLOSED for TCP
        }
    }
}
`

const udp = (
  {port, channels, buffer}: ConntrackView,
  {family, device, source, destination}: ConntrackView['channels'][number],
  index: number,
): string => `    UDP${channels.length > 1 && index === 0 ? ' Default' : ''} {
        IPv${family}_address ${source}
        IPv${family}_Destination_Address ${destination}
        Port ${port + index}
        Interface ${device}
        SndSocketBuffer ${buffer}
        RcvSocketBuffer ${buffer}
        Checksum On
    }
`
