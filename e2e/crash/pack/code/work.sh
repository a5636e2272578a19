# One attempt. Appends to the ledger "S" when it starts, "E" when it succeeds, "F" when it fails on purpose, and "!"
# when it finds a living attempt that there must not be. It holds a lock for its slot, its lane and its lane's key:
# the kernel frees a lock when its last holder is gone, so what cannot be locked lives, whoever was killed meanwhile.
set -u
read -r input
read -r ledger <ledger.path
me="$YARD_RUN_ID,$YARD_STEP"

field() {
  value=""
  case $input in
  *"\"$1\":"*)
    value=${input#*"\"$1\":"}
    value=${value#\"}
    value=${value%%[,\"\}]*}
    ;;
  esac
}

write() {
  echo "$1 $YARD_RUN_ID $YARD_STEP $YARD_ATTEMPT $$ $(date +%s%3N) lane=$lane key=$key seen=$seen $2" >>"$ledger/ledger"
}

# hold FD FOLDER MOST: becomes one of at most MOST living holders. The lock is taken before its file can be seen.
hold() {
  [ -d "$2" ] || mkdir -p "$2"
  mine="$2/$me,$YARD_ATTEMPT,$$"
  eval "exec $1>'$2/.$$'"
  flock -n "$1" || write "!" "lock of its own file is held: $2"
  mv "$2/.$$" "$mine"
  living=1
  for other in "$2"/*; do
    [ "$other" = "$mine" ] && continue
    # Shared: two who look at the same time must not see each other's look.
    if flock -sn "$other" true 2>/dev/null; then rm -f "$other"; elif [ -e "$other" ]; then
      living=$((living + 1))
      with=$other
    fi
  done
  [ "$living" -le "$3" ] || write "!" "$living living where $3 may be: $2 with $with"
}

for name in hold fails lane key index seen bytes; do
  field "$name"
  eval "$name=\$value"
done

# Where it is given files, what it was told is in one of them.
if [ -f "$YARD_WORK/made/nonce" ]; then read -r seen <"$YARD_WORK/made/nonce"; fi

write S ""
hold 7 "$ledger/slots/$me" 1
case $lane in
narrow) hold 8 "$ledger/lanes/narrow" 2 ;;
keyed)
  hold 8 "$ledger/lanes/keyed" 3
  hold 9 "$ledger/keys/keyed,$key" 1
  ;;
line) hold 9 "$ledger/keys/line,$key" 1 ;;
esac

if [ "${fails:-0}" -gt 0 ]; then
  failed=0
  if [ -f "$ledger/fails/$me" ]; then
    while read -r _; do failed=$((failed + 1)); done <"$ledger/fails/$me"
  fi
  if [ "$failed" -lt "$fails" ]; then
    echo x >>"$ledger/fails/$me"
    write F ""
    echo "fails on purpose" >&2
    exit 3
  fi
fi

sleep "${hold:-0}"
nonce="$$-$(date +%s%N)"
if [ "${bytes:-0}" -gt 0 ]; then
  mkdir "$YARD_WORK/made"
  echo "$nonce" >"$YARD_WORK/made/nonce"
  head -c "$bytes" /dev/urandom >"$YARD_WORK/made/bytes"
  sum=$(sha256sum <"$YARD_WORK/made/bytes")
  echo "$YARD_RUN_ID $YARD_STEP/$YARD_ATTEMPT ${sum%% *}" >>"$ledger/files"
fi
write E "$nonce"
echo "{\"nonce\":\"$nonce\",\"index\":${index:-0}}"
