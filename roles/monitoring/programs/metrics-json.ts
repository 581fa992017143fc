import {textfiles} from '../places.ts'

/** Seconds after which a textfile is no news, for Prometheus' alert as for Zabbix. */
export const staleSeconds = (interval: number) => ({fast: Math.max(20, 6 * interval), slow: 600})

/**
 * monitoring-json NAME|NAME...: the collected metrics `gatewright_NAME_...` as JSON, in the form in which Zabbix itself makes JSON of
 * Prometheus' text (Manual, Prometheus checks). Escapes in labels are those of JSON; `id` is
 * what the labels say, in a row: what tells one thing from another. Old files are left out, so that what nobody
 * collects any more is missed, and not taken for the present.
 */
export const metricsJson = (interval: number): string => {
  const {fast, slow} = staleSeconds(interval)
  return String.raw`#!/bin/sh
# Written by gatewright; changes are overwritten.
find ${textfiles} -maxdepth 1 \( -name 'gatewright-[fc]*.prom' -newermt '-${fast} seconds' -o \
  -name 'gatewright-slow*.prom' -newermt '-${slow} seconds' \) -exec cat -- {} + | awk -v "names=$1" '
  BEGIN { printf "["; wanted = "^gatewright_(" names ")_[a-zA-Z0-9_]*" }
  match($0, wanted) {
    name = substr($0, 1, RLENGTH); rest = substr($0, RLENGTH + 1); labels = id = ""
    sub(/^\{/, "", rest)
    while (match(rest, /^,?[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\.)*"/)) {
      label = substr(rest, 1, RLENGTH); rest = substr(rest, RLENGTH + 1)
      sub(/^,/, "", label); at = index(label, "=")
      labels = labels (labels == "" ? "" : ",") "\"" substr(label, 1, at - 1) "\":" substr(label, at + 1)
      id = id (id == "" ? "" : " ") substr(label, at + 2, length(label) - at - 2)
    }
    sub(/^,?\}/, "", rest); split(rest, parts, " ")
    printf "%s{\"name\":\"%s\",\"id\":\"%s\",\"labels\":{%s},\"value\":\"%s\"}", between, name, id, labels, parts[1]
    between = ","
  }
  END { print "]" }'
`
}
