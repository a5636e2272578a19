# One attempt. Appends to the ledger "S" when it starts, "E" when it succeeds, "F" when it fails on purpose, and "!"
# when it finds a living attempt that there must not be. It holds a lock for its slot, its lane and its lane's key:
# the kernel frees a lock when its last holder is gone, so what cannot be locked lives, whoever was killed meanwhile.
# It starts as few programs as it can, three with itself: where one takes 7 ms, more were most of what a test did.
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
  read -r uptime _ </proc/uptime
  echo "$1 $YARD_RUN_ID $YARD_STEP $YARD_ATTEMPT $$ $uptime lane=$lane key=$key seen=$seen $2" >>"$ledger/ledger"
}

# hold FD NAME MOST: becomes one of at most MOST living holders. Who comes later locks later, and sees those before.
hold() {
  mine="$2,$me,$YARD_ATTEMPT,$$"
  eval "exec $1>'$mine'"
  flock "$1" # Not -n: somebody may be looking.
  living=1
  for other in "$2",*; do
    [ "$other" = "$mine" ] && continue
    # Shared: two who look at the same time must not see each other's look.
    if flock -sn 6 2>/dev/null 6<"$other"; then
      # A file that is not locked yet may be that of a process that has just begun.
      [ -d "/proc/${other##*,}" ] || rm -f "$other"
    elif [ -e "$other" ]; then
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
read -r nonce </proc/sys/kernel/random/uuid
if [ "${bytes:-0}" -gt 0 ]; then
  mkdir "$YARD_WORK/made"
  echo "$nonce" >"$YARD_WORK/made/nonce"
  head -c "$bytes" /dev/urandom >"$YARD_WORK/made/bytes"
  sum=$(sha256sum <"$YARD_WORK/made/bytes")
  echo "$YARD_RUN_ID $YARD_STEP/$YARD_ATTEMPT ${sum%% *}" >>"$ledger/files"
fi
write E "$nonce"
echo "{\"nonce\":\"$nonce\",\"index\":${index:-0}}"
