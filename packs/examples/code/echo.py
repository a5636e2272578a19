import json
import sys

given = json.load(sys.stdin)
print(f"repeating {given['times']} times", file=sys.stderr)
json.dump({"text": " ".join([given["message"]] * given["times"])}, sys.stdout)
