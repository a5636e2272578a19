import json
import sys

given = json.load(sys.stdin)
print("reporting", file=sys.stderr)
print(json.dumps({"text": f"{given['built']} has {given['characters']} characters"}))
