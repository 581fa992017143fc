/** All that authors of roles and tasks may import, as 'gatewright'. */

export {contains, isAddress, networkOf, overlaps} from './addresses.ts'
export type {Diagnosis, DiagnosisContext, DiagnosisFlow, Look, Step as DiagnosisStep, Wrong} from './diagnose/model.ts'
export type {Fault, FaultContext} from './drill/fault-task.ts'
export {faultTask} from './drill/fault-task.ts'
export type {AskedAddress, SeenAddress} from './facts/answers.ts'
export {answers} from './facts/answers.ts'
export type {BondFact} from './facts/bonds.ts'
export {bonds} from './facts/bonds.ts'
export type {Aged, Certificate} from './facts/certificates.ts'
export {certificate, isKeyOf, isSignedBy, readCertificate, revocationList} from './facts/certificates.ts'
export type {Fact} from './facts/fact.ts'
export {cpu, memory} from './facts/hardware.ts'
export type {AddressFact, LinkFact, RouteFact} from './facts/network.ts'
export {addresses, links, routes} from './facts/network.ts'
export {packageVersion} from './facts/packages.ts'
export type {FilterChain, Traffic} from './facts/packet-filter.ts'
export {closedFor, dropsOf, packetFilter} from './facts/packet-filter.ts'
export type {PowerSupplies} from './facts/power-supplies.ts'
export {powerSupplies} from './facts/power-supplies.ts'
export {commandExists, fileContent} from './facts/query.ts'
export type {RevocationList} from './facts/revocation-list.ts'
export {isListSignedBy, readRevocationList} from './facts/revocation-list.ts'
export type {SessionFact} from './facts/session.ts'
export {session} from './facts/session.ts'
export type {SocketFact} from './facts/sockets.ts'
export {sockets} from './facts/sockets.ts'
export {kernel, os, virtualisation} from './facts/system.ts'
export type {TimeFact} from './facts/time.ts'
export {time} from './facts/time.ts'
export type {TunnelProbe, TunnelState} from './facts/tunnel-probe.ts'
export {tunnelProbe, tunnelState} from './facts/tunnel-probe.ts'
export type {UdpFlow} from './facts/udp-flow.ts'
export {udpFlow} from './facts/udp-flow.ts'
export type {
  Claim,
  Flow,
  Monitored,
  Offer,
  Redundancy,
  SysctlOffer,
  Track,
  TrackProcess,
  Transit,
  Tunnel,
} from './offer.ts'
export {claim, flow, monitored, redundancy, sysctlOffer, track, trackProcess, transit, tunnel} from './offer.ts'
export {authorizedKey} from './resources/authorized-key.ts'
export {sha256Of} from './resources/content.ts'
export {directory} from './resources/directory.ts'
export {exec} from './resources/exec.ts'
export {file} from './resources/file.ts'
export {fileset} from './resources/fileset.ts'
export {group} from './resources/group.ts'
export {link} from './resources/link.ts'
export {nftAtBoot} from './resources/nft-at-boot.ts'
export {nftTable} from './resources/nft-table.ts'
export {onlyFiles} from './resources/only-files.ts'
export {pkg} from './resources/package.ts'
export type {Answer, Change, Handler, Kind, Probe, Resource, Step} from './resources/resource.ts'
export {resourceOf, Unreadable, unsupported} from './resources/resource.ts'
export {service} from './resources/service.ts'
export {activeMarks, standbyUnits} from './resources/stand-by.ts'
export {sysctl} from './resources/sysctl.ts'
export {user} from './resources/user.ts'
export type {
  EventSource,
  Health,
  HealthCheck,
  Host,
  Link,
  LiveContext,
  LiveProblem,
  OfferContext,
  OfferingHost,
  Peer,
  ProblemContext,
  RoleProblem,
  TaskContext,
  TaskFunction,
  TaskResult,
} from './role.ts'
export {defineRole, handler, refuse} from './role.ts'
export {$, Command, raw} from './shell/command.ts'
export {Secret} from './shell/secret.ts'
export {isWireguardKey, wireguardPublicKey} from './wireguard-key.ts'
export {yamlText} from './yaml-text.ts'
