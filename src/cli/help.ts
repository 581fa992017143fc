import {exitTable} from '../reporters/exit-text.ts'

const examples: Readonly<Record<string, string>> = {
  gatewright: `Examples:
  gatewright check playbooks/site.yml --diff        what would change, and why
  gatewright play playbooks/site.yml -l gw-a2       change one host
  gatewright exec gateways -- uptime                a command on every gateway
  gatewright help play                              all about one command`,
  play: `Examples:
  gatewright play playbooks/site.yml
  gatewright play playbooks/site.yml -l 'gateways:!gw-a1' -t vrrp --diff
  gatewright play playbooks/site.yml -e '{vrrp_preempt: true}' -e @more.yml
  gatewright play playbooks/site.yml -v --profile`,
  check: `Examples:
  gatewright check playbooks/site.yml --diff
  gatewright check playbooks/site.yml --junit build/compliance.xml
  gatewright check playbooks/site.yml --json | jq 'select(.event == "planned")'`,
  task: `Examples:
  gatewright task gw-a1 vrrp.switchover --become
  gatewright task gateways vrrp.switchover -e to=gw-a2 --check`,
  drill: `Exit code 3: a budget was missed, or something went otherwise than it should.

Examples:
  gatewright drill --list
  gatewright drill --plan -i inventory/frankfurt
  gatewright drill --scenario lan-cable --scenario crash`,
  audit: `Nothing is changed: an audit is check mode. Exit code 2: all that failed is
drift, which a play of the site mends; 3: something needs a person.

Examples:
  gatewright audit --list
  gatewright audit -i inventory/frankfurt --report /srv/audits
  gatewright audit --sign-key evidence/signing.key`,
  'evidence verify': `Examples:
  gatewright evidence verify last.evidence.jsonl --key evidence/signing.pub
  gatewright evidence verify reports/*.jsonl --key evidence/signing.pub`,
  diagnose: `Exit code 3: a cause was found.

Examples:
  gatewright diagnose
  gatewright diagnose no-failover
  gatewright diagnose vpn-drops --limit pair_a --json`,
  exec: `One argument is shell text; several are one command with its arguments.

Examples:
  gatewright exec gateways -b -- systemctl is-active keepalived
  gatewright exec all -- 'ip -br address | sort'`,
  inventory: `Examples:
  gatewright inventory list
  gatewright inventory graph gateways
  gatewright inventory host gw-a1`,
  vault: `What ansible-vault encrypted is read here and the other way round.

Examples:
  gatewright vault edit group_vars/all/secrets.yml
  gatewright vault encrypt --stdin-name db_password >> group_vars/all.yml
  gatewright vault rekey --new-vault-id prod@~/.vault-prod group_vars/all.yml`,
  'vault view': `Examples:
  gatewright vault view group_vars/all/secrets.yml --vault-password-file ~/.vault
  gatewright vault view group_vars/all.yml --key users[0].password`,
  'vault edit': `The text lies in memory while it is edited, readable by you alone, and is removed
in every case. A text that was not changed leaves the file as it is.

Examples:
  EDITOR=nano gatewright vault edit group_vars/all/secrets.yml
  gatewright vault edit group_vars/all.yml --key tls_key`,
  'vault encrypt': `Examples:
  gatewright vault encrypt files/server.key --vault-id prod@~/.vault-prod
  gatewright vault encrypt --stdin-name db_password < password.txt
  printf %s 'a text' | gatewright vault encrypt --stdin-name greeting >> vars.yml`,
  'vault decrypt': `Examples:
  gatewright vault decrypt files/server.key
  gatewright vault decrypt group_vars/all.yml --key db_password`,
  'vault rekey': `A YAML file that is not encrypted itself gets all its encrypted values encrypted anew.

Examples:
  gatewright vault rekey group_vars/all/secrets.yml --new-vault-password-file ~/.vault-new
  gatewright vault rekey group_vars/all.yml --vault-id old@prompt --new-vault-id prod@prompt`,
  pki: `All of it lies in pki/ of the site: index.json is the truth, the other files are
parts of it for playbooks to read. Private keys are encrypted.

Examples:
  gatewright pki init --name 'Example VPN CA'
  gatewright pki issue vpn1.example.net --profile server --san 192.0.2.10
  gatewright pki issue alice --profile client
  gatewright pki list                         exit code 2: something is due
  gatewright pki renew && gatewright play playbooks/site.yml`,
  'pki init': `Examples:
  gatewright pki init --name 'Example VPN CA' --vault-password-file ~/.vault
  gatewright pki init --curve P-384 --directory pki/branches`,
  'pki issue': `Examples:
  gatewright pki issue vpn1.example.net --profile server --san 192.0.2.10
  gatewright pki issue alice --profile client --days 90`,
  'pki renew': `Without names: certificates with fewer than 30 days (or a third of a shorter
life) left, and the revocation list when half of its time is over. Certificates
before them stay valid.

Examples:
  gatewright pki renew
  gatewright pki renew alice --new-key
  gatewright pki renew --authority`,
  'pki revoke': `A name stands for all its certificates that could still be used, a serial for
one.

Examples:
  gatewright pki revoke alice --reason keyCompromise
  gatewright pki revoke 4a705fc3a7f17db472ecd4d5cbea4d1f`,
  'pki list': `Exit code 2 when a certificate or the revocation list has to be renewed.

Examples:
  gatewright pki list
  gatewright pki list --all --json | jq '.[] | select(.state == "revoked")'`,
  'pki crl': `Examples:
  gatewright pki crl
  gatewright pki crl --force`,
  'pki tls-crypt-v2': `Servers open a client's key with theirs, so that they need no list of keys.
Who has none gets no answer at all.

Examples:
  gatewright pki tls-crypt-v2
  gatewright pki tls-crypt-v2 alice --again`,
  'pki ssh-init': `Examples:
  gatewright pki ssh-init --vault-password-file ~/.vault`,
  'pki ssh-issue': `The certificate may open terminals and forward ports, and nothing else.

Examples:
  gatewright pki ssh-issue alice --key alice.pub --principals admin
  gatewright pki ssh-issue bob --key bob.pub --principals admin,root --valid 12h`,
  'pki ssh-revoke': `Examples:
  gatewright pki ssh-revoke alice --reason keyCompromise
  gatewright pki ssh-revoke 8312947561209384756`,
  'pki wireguard-key': `Files of pki/wireguard: NAME.pub and NAME.key, NAME.next.pub and NAME.next.key,
and A+B.psk for two of them.

Examples:
  gatewright pki wireguard-key gw1-wg0
  gatewright pki wireguard-key gw1-wg0 --psk branch-wg0
  gatewright pki wireguard-key gw1-wg0 --next
  gatewright pki wireguard-key gw1-wg0 --promote`,
  'pki export': `Examples:
  gatewright pki export vpn1.example.net > inventory/host_vars/gw1/openvpn.yml
  gatewright pki export alice --prefix vpn_client_`,
  'inventory list': `With --json the structure is that of ansible-inventory --list.

Examples:
  gatewright inventory list -l 'gateways:!frankfurt'
  gatewright inventory list --json | jq '._meta.hostvars | keys'`,
  'inventory graph': `Examples:
  gatewright inventory graph
  gatewright inventory graph gateways --vars`,
  'inventory host': `Examples:
  gatewright inventory host gw-a1
  gatewright inventory host gw-a1 --json -p playbooks/site.yml`,
  lint: `Exit code 5 when something is wrong; advice alone is 0.

Examples:
  gatewright lint
  gatewright lint playbooks/site.yml -i inventory/lab --json`,
  schema: `Examples:
  gatewright schema playbook >playbook.json
  gatewright schema vrrp
  gatewright schema --write .schemas`,
  init: `Nothing that exists is overwritten.

Examples:
  gatewright init office`,
  vars: `Examples:
  gatewright vars explain gw-a1 vrrp_priority
  gatewright vars explain gw-a1`,
  'vars explain': `Places are listed from the weakest to the strongest; the last one wins.

Examples:
  gatewright vars explain gw-a1 vrrp_priority -p playbooks/site.yml
  gatewright vars explain gw-a1 -e vrrp_priority=200`,
  facts: `Examples:
  gatewright facts gw-a1
  gatewright facts all --json | jq 'select(.event == "facts") | .facts'`,
}

const withoutRun: Readonly<Record<string, string>> = {
  completion: `Examples:
  source <(gatewright completion bash)              in ~/.bashrc
  source <(gatewright completion zsh)               in ~/.zshrc, after compinit
  gatewright completion fish >~/.config/fish/completions/gatewright.fish`,
}

/** What stands below the options of a help text: examples, and for a command that reaches hosts what exit codes mean. */
export const helpAfter = (command: string): string => {
  const others = withoutRun[command]
  if (others !== undefined) return `\n${others}`
  return `\n${examples[command] ?? ''}\n\nExit codes (the first that applies of 130, 6, 5, 3, 4, 2, 0):\n${exitTable()}`
}
