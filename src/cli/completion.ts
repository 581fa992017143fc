/** A word that ends in one of these goes on. */
const openEnds = ['/', '=', ':', ',', '@']

/*
 * Each script asks `gatewright __complete` with the words up to the cursor and offers what comes back: a word a line, and
 * behind a tab what it means. So no script is ever older than the program that it is for.
 */
const bash = `# gatewright completion bash: for ~/.bashrc, as  source <(gatewright completion bash)
_gatewright() {
  local line word cut words=() found=()
  # Bash cuts words at signs such as : and =; the line has them whole.
  line=\${COMP_LINE:0:COMP_POINT}
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  word=\${words[-1]}
  while IFS=$'\\t' read -r found_word _; do found+=("$found_word"); done < <(
    gatewright __complete -- "\${words[@]:1}" 2>/dev/null
  )
  unset found_word
  # What stands before the last such sign is already on the line.
  cut=\${word%"\${word##*["$COMP_WORDBREAKS"]}"}
  COMPREPLY=("\${found[@]#"$cut"}")
  if [[ \${#found[@]} == 1 && \${found[0]} == *[${openEnds.join('')}] ]]; then compopt -o nospace; fi
}
complete -o nosort -F _gatewright gatewright
`

const zsh = `#compdef gatewright
# gatewright completion zsh: as a file _gatewright in a directory of $fpath, or  source <(gatewright completion zsh)
_gatewright() {
  local line word says
  local -a found open shown openshown
  while IFS=$'\\t' read -r word says; do
    if [[ $word == *[${openEnds.join('')}] ]]; then
      open+=("$word"); openshown+=("$word\${says:+  -- $says}")
    else
      found+=("$word"); shown+=("$word\${says:+  -- $says}")
    fi
  done < <(gatewright __complete -- "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)
  (( \${#open} )) && compadd -S '' -l -d openshown -a open
  (( \${#found} )) && compadd -l -d shown -a found
}
if [[ $funcstack[1] == _gatewright ]]; then _gatewright "$@"; else compdef _gatewright gatewright; fi
`

const fish = `# gatewright completion fish: as ~/.config/fish/completions/gatewright.fish
function __gatewright_complete
  set -l words (commandline -opc) (commandline -ct)
  gatewright __complete -- $words[2..] 2>/dev/null
end
complete -c gatewright -f -a '(__gatewright_complete)'
`

/** The script that teaches a shell to complete gatewright's command line. */
export const completionScripts: Readonly<Record<string, string>> = {bash, zsh, fish}
