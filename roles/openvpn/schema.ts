const address = {type: 'string', pattern: '^[0-9a-fA-F.:]+$'} as const
const network = {type: 'string', pattern: '^[0-9a-fA-F.:]+(/\\d{1,3})?$'} as const
/** IFNAMSIZ of the kernel, with its end. */
const device = {
  type: 'string',
  pattern: '^[a-z][a-z0-9_-]{0,14}$',
  description: 'Name of the device that it makes, such as `tun0`: fixed, so that others route over it.',
} as const
const name = {
  type: 'string',
  pattern: '^[a-z][a-z0-9_-]{0,29}$',
  description: 'Its name: `openvpn-server@NAME` or `openvpn-client@NAME`. Equal on both gateways.',
} as const
const protocol = {
  enum: ['udp', 'tcp'],
  default: 'udp',
  description: 'TCP only where UDP does not get through.',
} as const
const port = {type: 'integer', minimum: 1, maximum: 65535, default: 1194} as const
const pem = (description: string) =>
  ({type: 'string', pattern: '-----BEGIN ', description: `${description}, PEM.`}) as const
const secretPem = (description: string) => ({...pem(description), secret: true}) as const

const credentials = (of: string) =>
  ({
    ca: pem(`Certificate of the authority${of}`),
    crl: pem(`List of revoked certificates of that authority${of}; clients may do without`),
    cert: pem(`Certificate${of}`),
    key: secretPem(`Its private key, from a vault${of}`),
    tls_crypt_v2: secretPem(`Key of tls-crypt-v2, from a vault${of}: the servers' one, or the client's own`),
  }) as const

const timers = {
  ping: {
    type: 'integer',
    minimum: 1,
    maximum: 60,
    default: 3,
    description: 'Seconds of silence after which a sign of life is sent.',
  },
  timeout: {
    type: 'integer',
    minimum: 2,
    maximum: 300,
    default: 7,
    description: 'Seconds of silence after which the far end is taken for dead. A server tells its clients both.',
  },
  path_mtu: {
    type: 'integer',
    minimum: 576,
    maximum: 9000,
    default: 1500,
    description: 'Largest packet that gets through outside of the tunnel, in bytes.',
  },
  mtu: {
    type: 'integer',
    minimum: 500,
    maximum: 8940,
    description: 'Largest packet inside; absent: what fits into `path_mtu`.',
  },
} as const

const servers = {
  type: 'array',
  default: [],
  description: 'Instances that clients connect to.',
  examples: [
    [
      {
        name: 'road',
        device: 'tun0',
        address: '192.0.2.10',
        link: 'wan-a',
        follow: 'gateway',
        pool: '10.80.0.0/24',
        push_routes: ['10.10.0.0/24'],
        clients: [{name: 'alice', address: '10.80.0.10'}],
      },
    ],
  ],
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['name', 'device', 'pool'],
    properties: {
      name,
      device,
      protocol,
      port,
      address: {...address, description: 'Where it listens: a virtual address of the pair; absent: on all addresses.'},
      link: {type: 'string', description: 'Link on which clients come in; absent: any.'},
      sources: {
        type: 'array',
        items: network,
        default: [],
        description: 'Where clients may come from; empty: anywhere.',
      },
      follow: {
        type: 'string',
        default: '',
        description: 'VRRP instance or group: it runs where this one is master; empty: it always runs.',
      },
      pool: {...network, description: 'IPv4 network inside the tunnel; the server has its first address.'},
      pool6: {...network, description: 'IPv6 network inside the tunnel.'},
      clients: {
        type: 'array',
        default: [],
        description: 'Who may connect, by the common name of the certificate. Others are refused.',
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['name', 'address'],
          properties: {
            name: {type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$'},
            address: {...address, description: 'Its address inside the tunnel.'},
            address6: address,
            networks: {type: 'array', items: network, default: [], description: 'Networks behind it.'},
          },
        },
      },
      push_routes: {
        type: 'array',
        items: network,
        default: [],
        description: 'Networks that clients send into the tunnel.',
      },
      push_dns: {type: 'array', items: address, default: [], description: 'Name servers that clients use.'},
      ...timers,
      ...credentials(', if not `openvpn_…`'),
    },
  },
} as const

const clients = {
  type: 'array',
  default: [],
  description: 'Instances that connect to a server elsewhere.',
  examples: [
    [
      {
        name: 'hq',
        device: 'tun1',
        link: 'wan-b',
        remotes: [{host: 'vpn1.example.net'}, {host: 'vpn2.example.net'}],
        server_name: 'vpn.example.net',
        routes: ['10.99.0.0/16'],
      },
    ],
  ],
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['name', 'device', 'remotes', 'server_name'],
    properties: {
      name,
      device,
      remotes: {
        type: 'array',
        minItems: 1,
        description: 'Servers in the order in which they are tried.',
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['host'],
          properties: {host: {type: 'string', pattern: '^[A-Za-z0-9.:-]+$'}, port, protocol},
        },
      },
      server_name: {
        type: 'string',
        pattern: '^[A-Za-z0-9._@-]+$',
        description:
          'Common name of the server certificate: nobody else with a certificate of the authority is believed.',
      },
      link: {
        type: 'string',
        description: 'Link that carries its packets, whatever the main table says; absent: the main table decides.',
      },
      routes: {type: 'array', items: network, default: [], description: 'Networks beyond the tunnel.'},
      addresses: {
        type: 'array',
        items: {...network, pattern: '/\\d{1,3}$'},
        default: [],
        description:
          'The addresses that its server always gives it, with prefix length, for roles that have to know them beforehand: bgp over the tunnel.',
      },
      accept_routes: {
        type: 'boolean',
        default: false,
        description: "Take the routes that the server sends; off, as they are mwan's or bgp's business.",
      },
      ...timers,
      ...credentials(', if not `openvpn_…`'),
    },
  },
} as const

/** Variables of the role, each with the prefix `openvpn_` in an inventory. */
export const schema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    servers,
    clients,
    ...credentials(' of all instances that have none of their own'),
    ciphers: {
      type: 'array',
      minItems: 1,
      items: {enum: ['AES-256-GCM', 'AES-128-GCM', 'CHACHA20-POLY1305']},
      description:
        'Ciphers of the data channel, the best first; absent: AES first where the CPU encrypts it, else ChaCha20.',
      examples: [['AES-256-GCM', 'CHACHA20-POLY1305']],
    },
    heartbeat: {
      type: 'integer',
      minimum: 3,
      default: 10,
      description: 'Seconds within which the death of a tunnel has to be noticed. Slower timers are refused.',
    },
    days_left: {
      type: 'integer',
      minimum: 0,
      maximum: 365,
      default: 30,
      description:
        'Days that certificates and lists must last (or a third of a shorter life); what ends sooner is refused.',
    },
    restart_days: {
      type: 'integer',
      minimum: 1,
      maximum: 365,
      default: 14,
      description:
        'A renewed certificate counts from the next start. It is brought about when nobody is connected, or when the former one has so many days left.',
    },
  },
} as const
