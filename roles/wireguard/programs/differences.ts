/**
 * wireguard-differences.awk: what `wg showconf` says, then `@wanted` and the file, to the steps between them: `key`, `port N`,
 * `mark N`, `remove KEY`, and sections for `wg addconf`. wg syncconf would set every peer again, and wireguard-go its socket:
 * packets that pass in that moment are lost. `keep` are peers whose endpoint stays where they are, `next` pairs of a next key and the one before it.
 */
export const differencesAwk = String.raw`
function sorted(list,   items, n, i, j, item, text) {
  n = split(list, items, /, */)
  for (i = 2; i <= n; i++) {
    item = items[i]
    for (j = i - 1; j >= 1 && items[j] > item; j--) items[j + 1] = items[j]
    items[j + 1] = item
  }
  for (i = 1; i <= n; i++) text = text (i > 1 ? ", " : "") items[i]
  return text
}

BEGIN {
  side = "now"
  n = split(keep, lines, "\n"); for (i = 1; i <= n; i++) stays[lines[i]]
  pairs = split(next_keys, pair, "\n")
}
$1 == "@wanted" { side = "then"; next }
/^\[Interface\]/ { key = "device"; next }
/^\[Peer\]/ { key = ""; next }
/^[A-Za-z]+ = / {
  if ($1 == "PublicKey") { key = $3; if (side == "then") order[++count] = key; known[side, key]; if (side == "now") present[++found] = key; next }
  text = $0; sub(/^[A-Za-z]+ = */, "", text)
  if ($1 == "AllowedIPs") text = sorted(text)
  if ($1 == "PersistentKeepalive" && text == "off") text = ""
  value[side, key, $1] = text
}
END {
  # What is behind a peer that changes its key stays where it is; adopt_keys moves it.
  for (i = 1; i <= pairs; i++) {
    split(pair[i], f, " ")
    if (value["now", f[1], "AllowedIPs"] != "" && value["now", f[1], "AllowedIPs"] == value["then", f[2], "AllowedIPs"] && value["now", f[2], "AllowedIPs"] == "") {
      value["then", f[1], "AllowedIPs"] = value["then", f[2], "AllowedIPs"]
      value["then", f[2], "AllowedIPs"] = ""
    }
  }
  if (value["now", "device", "PrivateKey"] != value["then", "device", "PrivateKey"]) print "key"
  if (value["now", "device", "ListenPort"] != value["then", "device", "ListenPort"]) print "port " value["then", "device", "ListenPort"]
  if (value["now", "device", "FwMark"] != value["then", "device", "FwMark"]) print "mark " (value["then", "device", "FwMark"] == "" ? "off" : value["then", "device", "FwMark"])
  for (i = 1; i <= found; i++) if (!(("then" SUBSEP present[i]) in known)) print "remove " present[i]
  for (i = 1; i <= count; i++) {
    k = order[i]
    endpoint = k in stays ? "" : value["then", k, "Endpoint"]
    if ((("now" SUBSEP k) in known) && value["now", k, "PresharedKey"] == value["then", k, "PresharedKey"] && value["now", k, "AllowedIPs"] == value["then", k, "AllowedIPs"] && value["now", k, "PersistentKeepalive"] == value["then", k, "PersistentKeepalive"] && (endpoint == "" || endpoint == value["now", k, "Endpoint"])) continue
    print "[Peer]\nPublicKey = " k
    if (value["then", k, "PresharedKey"] != "") print "PresharedKey = " value["then", k, "PresharedKey"]
    if (value["then", k, "AllowedIPs"] != "") print "AllowedIPs = " value["then", k, "AllowedIPs"]
    if (endpoint != "") print "Endpoint = " endpoint
    if (value["then", k, "PersistentKeepalive"] != "") print "PersistentKeepalive = " value["then", k, "PersistentKeepalive"]
  }
}
`
